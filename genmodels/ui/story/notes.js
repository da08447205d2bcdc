// The speaker's window: notes, what comes next, the time. It hears of the scene by a BroadcastChannel, so that it goes on
// when the page is loaded anew, and sends the keys that are pressed in it.
const notes = (() => {
  const channel = new BroadcastChannel('gm-notes');
  const STYLE = 'body{font:22px/1.45 system-ui,sans-serif;margin:24px;color:#e2e8f0;background:#0f172a}'
    + 'h1{font-size:26px;margin:0 0 12px}p{margin:0 0 16px}#next{color:#a8b3c7}'
    + '#clock{font-size:40px;font-variant-numeric:tabular-nums;margin-bottom:16px}';
  const BODY = '<div id="clock"></div><h1 id="title"></h1><p id="notes"></p><p id="next"></p>';

  // Runs in the other window.
  function serve() {
    const channel = new BroadcastChannel('gm-notes'), began = Date.now();
    const set = (id, text) => { document.getElementById(id).textContent = text; };
    const two = (value) => String(value).padStart(2, '0');
    const tick = () => {
      const now = new Date(), seconds = Math.floor((Date.now() - began) / 1000);
      set('clock', two(now.getHours()) + ':' + two(now.getMinutes()) + '   '
        + two(Math.floor(seconds / 60)) + ':' + two(seconds % 60));
    };
    channel.onmessage = ({ data }) => {
      if (data.key || data.hello) return;
      document.documentElement.lang = data.language;
      document.title = data.heading;
      for (const id of ['title', 'notes', 'next']) set(id, data[id]);
    };
    addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^F\d+$/.test(event.key)) return;
      event.preventDefault();
      channel.postMessage({ key: event.key });
    });
    setInterval(tick, 500);
    tick();
    channel.postMessage({ hello: true });
  }

  return {
    open() {
      const other = window.open('', 'gm-notes', 'width=760,height=560');
      if (!other) return;  // the browser allows none
      if (other.document.getElementById('clock')) return other.focus();
      other.document.write('<!doctype html><meta charset="utf-8"><style>' + STYLE + '</style>' + BODY
        + '<script>(' + serve + ')()</' + 'script>');
      other.document.close();
    },

    tell(words) { channel.postMessage(words); },

    // onKey(key): one that was pressed there; onHello(): it has come, and knows nothing yet.
    listen(onKey, onHello) {
      channel.onmessage = ({ data }) => (data.key ? onKey(data.key) : data.hello && onHello());
    },
  };
})();
