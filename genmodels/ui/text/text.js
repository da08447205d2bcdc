// The words on screen, in the visitor's language. gm.catalogs holds { language: { key: sentence } }.
//
// The language is the one that ?lang= names, else the one last chosen, else the browser's. An element refers to its
// sentence by data-t="key", with values for its placeholders by data-t='["key", {...}]', and likewise to those of its
// attributes by data-t-aria-label and so on. Elements are worded when they enter the page, before it is painted, and
// again when the language changes; components that word something by themselves listen to the document's gm-language.
(() => {
  const DEFAULT = 'en', STORED = 'gm-language';
  const ATTRIBUTES = ['aria-label', 'aria-roledescription', 'alt', 'title', 'placeholder'];
  const WORDED = ['[data-t]', ...ATTRIBUTES.map((name) => '[data-t-' + name + ']')].join();
  const html = document.documentElement;

  gm.stored = {  // for the next visit; not in every frame is storage allowed
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* it lasts as long as the page */ } },
  };
  const base = (tag) => String(tag || '').toLowerCase().split('-')[0];
  const firstOf = (tags) => tags.map(base).find((tag) => tag in gm.catalogs) || DEFAULT;
  const inAddress = () => new URLSearchParams(location.search).get('lang');

  // The server reads the language from the address of a request, which is the page's, else from its Accept-Language.
  function writeAddress(language) {
    const address = new URL(location.href);
    address.searchParams.set('lang', language);
    history.replaceState(history.state, '', address);
  }

  // ---- Sentences

  function number(value, spec) {  // spec: as in Python, such as .2f, +.1f, .0% or ,
    const digits = Number((/\.(\d+)/.exec(spec) || [0, 0])[1]);
    return new Intl.NumberFormat(gm.language, {
      style: spec.endsWith('%') ? 'percent' : 'decimal', signDisplay: spec.startsWith('+') ? 'always' : 'auto',
      useGrouping: spec.includes(','), minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
  }

  function wordValue(value, spec) {
    if (Array.isArray(value)) return value.map((item) => wordValue(item, spec)).join(', ');
    if (value && typeof value === 'object') return gm.t(value.key, value.values);
    return spec && typeof value === 'number' ? number(value, spec) : String(value);
  }

  // ---- Elements

  function word(element) {
    for (const attribute of ['', ...ATTRIBUTES]) {
      const found = element.getAttribute('data-t' + (attribute && '-' + attribute));
      if (found === null) continue;
      const [key, values] = found.startsWith('[') ? JSON.parse(found) : [found];
      const words = gm.t(key, values);
      if (!attribute && element.textContent !== words) element.textContent = words;
      if (attribute && element.getAttribute(attribute) !== words) element.setAttribute(attribute, words);
    }
  }

  function wordAll(root) {
    if (root.matches && root.matches(WORDED)) word(root);
    if (root.querySelectorAll) root.querySelectorAll(WORDED).forEach(word);
  }

  function applyLanguage() {
    const language = base(html.lang) in gm.catalogs ? base(html.lang) : DEFAULT;
    if (language === gm.language) return;
    gm.language = language;
    gm.titlePage();
    wordAll(document);
    document.dispatchEvent(new CustomEvent('gm-language'));
  }

  // gradio's own words follow when its dictionary has arrived; its function for that is in a module that the page has
  // loaded already.
  function changeGradio(language) {
    const core = performance.getEntriesByType('resource').find(({ name }) => /\/core-[^/]*\.js$/.test(name));
    if (core) import(core.name).then((module) => module.changeLocale(language)).catch(() => {});
  }

  Object.assign(gm, {
    // The sentence of a key in the page's language. values: numbers, strings, sentences as { key, values }, or lists.
    t(key, values = {}) {
      const sentence = gm.catalogs[gm.language][key];
      if (sentence === undefined) return key;
      return sentence.replace(/\{(\w+)(?::([^}]*))?\}/g, (all, name, spec) => wordValue(values[name], spec));
    },

    number,

    // Give an element, or one of its attributes, a sentence that follows the language.
    setText(element, key, values, attribute) {
      const reference = values ? JSON.stringify([key, values]) : key;
      element.setAttribute('data-t' + (attribute ? '-' + attribute : ''), reference);
      word(element);
    },

    // The same for what carries its sentence as { key, values }, or as a string that is the same in every language.
    setWords(element, words, attribute) {
      if (words && words.key) return gm.setText(element, words.key, words.values, attribute);
      element.removeAttribute('data-t' + (attribute ? '-' + attribute : ''));
      if (attribute) element.setAttribute(attribute, words);
      else element.textContent = words;
    },

    // Change the language, for this page (its address) and for the next visit.
    setLanguage(language) {
      gm.stored.set(STORED, language);
      writeAddress(language);
      html.lang = language;
      changeGradio(language);
    },

    titlePage() {
      if (window.gradio_config) document.title = gm.t('page.title');  // else we are an element of a host's page
    },

    // The updates by which gradio gives tabs their titles.
    tabTitles(keys) {
      return keys.map((key) => ({ __type__: 'update', label: gm.t(key) }));
    },
  });

  html.lang = firstOf([inAddress(), gm.stored.get(STORED), ...navigator.languages]);
  if (!inAddress() && html.lang !== firstOf(navigator.languages)) writeAddress(html.lang);
  // gradio has begun with the browser's language; its components are not there yet.
  if (html.lang !== firstOf([navigator.language])) changeGradio(html.lang);
  applyLanguage();
  // gradio writes a new value over the elements of the old one where their structure is the same, so that words change
  // in place too; ``word`` touches only what differs, which ends this.
  new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => {
    const changed = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
    if (changed && changed.matches && changed.matches(WORDED)) word(changed);
    addedNodes.forEach(wordAll);
  })).observe(document, { childList: true, characterData: true, subtree: true, attributes: true, attributeFilter: [
    'data-t', ...ATTRIBUTES, ...ATTRIBUTES.map((name) => 'data-t-' + name)] });
  // gradio's own settings may change it too.
  new MutationObserver(applyLanguage).observe(html, { attributes: true, attributeFilter: ['lang'] });
})();
