// The one script that stands in the page itself. It fetches the page's style and script, and lets components wait for
// them. $style and $script are the names of two files of the page.
(() => {
  // Prefix of our own routes: where gradio found the page's theme, which it links just before it runs this. That is its
  // root as the browser sees it, whether the page is by itself, below a path, or an element in a page of another server.
  // The theme's version is a SHA-256, which tells it from a style of that page.
  const root = [...document.querySelectorAll('link')].map(({ href }) => /^(.*\/)theme\.css\?v=[0-9a-f]{64}$/.exec(href))
    .filter(Boolean).pop()[1] + 'gm/';
  const RETRY_MS = 2000;
  let start;
  const ready = new Promise((resolve) => { start = resolve; });
  const add = (tag, attributes) => document.head.append(Object.assign(document.createElement(tag), attributes));
  const addScript = () => add('script', {
    src: root + 'file/$script', onload: start, onerror: () => setTimeout(addScript, RETRY_MS) });
  window.gm = {
    root, ready, components: {},
    mount(...component) { ready.then(() => gm.mountNow(...component)); },
  };
  add('link', { rel: 'stylesheet', href: root + 'file/$style' });
  addScript();
})();
