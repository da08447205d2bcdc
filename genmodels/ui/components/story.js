// The way into the story, whose script is fetched when it is first needed: by a scene in the address, by one that is
// pressed (data-scene="NAME", data-present to present it), or by the key P. That script adds show() and present().
(() => {
  const TYPED = 'input:not([type=range],[type=radio],[type=checkbox],[type=button]), textarea, [contenteditable=true]';
  let loading = null;

  gm.story = {
    isTyping: (target) => target instanceof Element && Boolean(target.closest(TYPED)),

    load() {
      loading = loading || new Promise((resolve, reject) => {
        const script = document.createElement('script');
        const failed = () => {
          loading = null;
          script.remove();
          reject(new Error('absent'));
        };
        Object.assign(script, { src: gm.root + 'file/' + gm.storyFile, onload: () => resolve(gm.story), onerror: failed });
        document.head.append(script);
      });
      return loading;
    },
  };

  const act = (then) => gm.story.load().then(then, () => gm.notice({ key: 'error.no_answer' }));

  document.addEventListener('click', ({ target }) => {
    const opener = target.closest('[data-scene]');
    if (!opener) return;
    if ('present' in opener.dataset) act((story) => story.present(opener.dataset.scene));
    else act((story) => story.show(opener.dataset.scene));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'p' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (gm.story.isTyping(event.target) || event.target.closest(['select', 'dialog'].join()) || gm.state.get('present')) return;
    act((story) => story.present(gm.state.get('scene')));
  });
  document.addEventListener('gm-arrived', () => {
    if (gm.state.get('scene') || document.documentElement.dataset.story) act((story) => story.arrived());
  });
})();
