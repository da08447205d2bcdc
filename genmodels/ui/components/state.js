// The state of the page, which all activities share and the address holds: what the visitor, or a link, has chosen.
//
// A component that is bound to a key shows the state's value whenever it is in sight, if it can: a model chosen in one
// activity is the model of the next, where that can serve. Components out of sight are left alone until they are seen.
(() => {
  const SETTLE_MS = 300;  // after which a change is written to the address
  const state = {};  // by key; what is missing has every component's own first value
  const bindings = [];  // { key, element, read, write, first }
  let hidden = [];  // keys whose components a link hides
  let timer = null, arriving = true;  // until the page's first address has been followed

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  function show(binding) {
    binding.element.hidden = hidden.includes(binding.key);
    if (!gm.isSeen(binding.element) && !binding.element.hidden) return;
    const wish = binding.key in state ? state[binding.key] : binding.first;
    if (wish !== undefined && wish !== null && !same(wish, binding.read())) binding.write(wish);
  }

  // Keys in the order in which components depend on each other: a model has its categories and latents.
  const order = ({ key }) => gm.address.KEYS.indexOf(key);
  const showAll = () => bindings.slice().sort((a, b) => order(a) - order(b)).forEach(show);

  const optionsInSight = () => [...document.querySelectorAll('input[data-weights]')].filter(
    (input) => gm.isSeen(input.parentElement));
  const optionOf = (model) => optionsInSight().find((input) => input.value === model);
  const WEIGHTS_DIGITS = 8;  // of the weights' hash, in the address
  const weightsOf = (model) => (optionOf(model) || { dataset: {} }).dataset.weights;

  // What is to be said of a link's model: it is not here, or it has been trained again since.
  function modelProblem(model, weights) {
    const option = optionOf(model);
    if (!option || option.disabled) return { key: 'address.no_model', values: { name: model } };
    if (!weights || option.dataset.weights.startsWith(weights)) return null;
    return { key: 'address.other_weights', values: { name: model } };
  }

  const DEPENDENT = ['model', 'latents', 'code', 'codes'];  // which not every activity and model can serve
  const OF_PAGE = ['scene', 'present'];  // which no component shows

  // What the components in sight have, or will have as soon as they can.
  function inSight() {
    const found = { activity: gm.activity() };
    for (const { key, element, read, first } of bindings) {
      if (!gm.isSeen(element)) continue;
      const value = key in state && !DEPENDENT.includes(key) ? state[key] : read();
      if (key === 'model' || !same(value, first)) found[key] = value;
      if (key === 'model') found.weights = (weightsOf(value) || '').slice(0, WEIGHTS_DIGITS) || undefined;
    }
    if (hidden.length) found.hide = hidden;
    for (const key of OF_PAGE) if (key in state) found[key] = state[key];
    return found;
  }

  const ownsAddress = Boolean(window.gradio_config);  // else we are an element of a host's page

  function writeAddress(isNewPlace) {
    clearTimeout(timer);
    timer = null;
    if (!ownsAddress || arriving) return;
    const hash = gm.address.write(inSight()), address = location.pathname + location.search + hash;
    if (hash === location.hash) return;
    history[isNewPlace ? 'pushState' : 'replaceState'](history.state, '', address);
    // A Space shows its app in a frame, and its own address follows this message.
    if (window.parent !== window) {
      window.parent.postMessage({ queryString: location.search.slice(1), hash }, 'https://huggingface.co');
    }
  }

  function settle() {
    clearTimeout(timer);
    timer = setTimeout(writeAddress, SETTLE_MS);
  }

  // Take over what an address names; the rest has its first value again.
  function takeOver(hash = ownsAddress ? location.hash : '') {
    const { values, refused } = gm.address.read(hash);
    const { activity, weights, hide, ...chosen } = values;
    for (const key of Object.keys(state)) delete state[key];
    Object.assign(state, chosen);
    hidden = hide || [];
    return { activity, weights, refused };
  }

  async function arrive({ activity, weights, refused }) {
    arriving = true;
    if (activity) await gm.open(activity).catch(() => false);
    arriving = false;
    showAll();
    writeAddress();
    document.dispatchEvent(new CustomEvent('gm-arrived'));
    const { model } = state;
    let problem = refused.length && { key: 'address.refused', values: { parts: refused.join(', ') } };
    if (model && await gm.until(() => optionsInSight().length).catch(() => false)) {  // once they have been laid out
      problem = problem || modelProblem(model, weights);
      // A model that the activity has anyway is not chosen for the others.
      if (bindings.some(({ key, element, first }) => key === 'model' && gm.isSeen(element) && first === model)) {
        delete state.model;
      }
    }
    gm.notice(problem || '');
  }

  Object.assign(gm, {
    // The SHA-256 of a model's weights, of one that is offered in sight.
    weightsOf,

    state: {
      // Bind an element to a key: read() gives its value, write(value) changes it where it can. Without a key nothing
      // is bound. Returns { changed(), arrived(first) }: to be called when the visitor changed something in the element,
      // and when the component has got other options or, with a model, another first value.
      bind(key, element, read, write, first = read()) {
        if (!key) return { changed() {}, arrived() {} };
        const binding = { key, element, read, write, first };
        bindings.push(binding);
        show(binding);
        settle();
        return {
          changed() {
            for (const one of bindings) if (one.element === element) state[one.key] = one.read();
            if (key === 'model') for (const other of ['latents', 'code', 'codes']) delete state[other];  // of another
            showAll();
            settle();
          },
          arrived(value = binding.first) {
            binding.first = value;
            show(binding);
            settle();
          },
        };
      },

      get(key) { return state[key]; },

      // What the first component in sight that is bound to a key shows.
      seen(key) {
        const found = bindings.find((one) => one.key === key && gm.isSeen(one.element));
        return found && found.read();
      },

      // Change several values at once, as if the visitor had, and open another activity.
      async set({ activity, ...values }) {
        Object.assign(state, values);
        if (activity) await gm.open(activity);
        showAll();
        settle();
      },

      // Follow an address of the page, as a link in it does; resolves once its activity is there.
      follow(hash) {
        if (ownsAddress && hash !== location.hash) {
          history.pushState(history.state, '', location.pathname + location.search + hash);
        }
        return arrive(takeOver(hash));
      },

      // The address as it is now, whole.
      link() {
        writeAddress();
        return location.href;
      },
    },

    // A line on top of the page.
    notice(words) {
      const line = document.querySelector('.gm-notice');
      if (!line) return;
      line.hidden = !words;
      gm.setWords(line.querySelector('span'), words || '');
    },
  });

  document.addEventListener('click', (event) => { if (event.target.closest('[data-dismiss]')) gm.notice(''); });
  const first = takeOver();  // before the components are there, so that they begin with it
  document.addEventListener('gm-activity', () => {
    showAll();
    writeAddress(true);
  });
  window.addEventListener('popstate', () => arrive(takeOver()));  // Back, or another link in the same window
  gm.whenListening(() => arrive({ ...first, activity: first.activity || gm.opensOn }));
})();
