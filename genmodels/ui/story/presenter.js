// Presenter mode: one scene at a time on the whole screen, by the keys that a clicker sends. All that the scenes need is
// fetched first, by walking through them behind a curtain.
const LOOK_MS = 300;  // between two looks at what the line at the foot says
// What has its own use for arrows, Home and End; for the space bar.
const TYPED = ['input', 'select', 'textarea', '[role=application]', '[tabindex]:not(.gm-scene)'];
const OWN_ARROWS = [...TYPED, '[role=slider]', '[role=grid]', '[role=tab]', '.gm-cell'].join();
const OWN_SPACE = [...TYPED, 'button', 'summary', 'a'].join();

const createLayer = (name) => {
  const layer = document.createElement('div');
  layer.className = name;
  layer.hidden = true;
  document.body.append(layer);
  return layer;
};
const foot = createLayer('gm-foot'), blank = createLayer('gm-blank'), curtain = createLayer('gm-curtain');
foot.innerHTML = '<span></span><span></span><span></span><span></span><span class="gm-foot-state" role="status"></span>'
  + '<span class="gm-foot-nav"><button type="button" data-do="back" data-t-aria-label="story.back">\u2039</button>'
  + '<button type="button" data-do="next" data-t-aria-label="story.next">\u203a</button>'
  + '<button type="button" data-do="stop" data-t-aria-label="story.leave">\u00d7</button></span>';
curtain.setAttribute('role', 'status');
const places = [...foot.children];
let fetched = false, skipped = false, isFetching = false, timer = null, wasFull = false, lastScene = null;

// ---- The line at the foot

function look() {
  const at = indexOf(gm.state.get('scene'));
  const [number, model, seed, ms, state] = places;
  const name = gm.state.seen('model'), seen = gm.state.seen('seed');
  number.textContent = `${at + 1} / ${scenes.length}`;
  gm.setWords(model, name ? { key: `models.${name}.title` } : '');
  gm.setWords(seed, seen === undefined ? '' : { key: 'story.seed', values: { seed: String(seen) } });
  gm.setWords(ms, gm.lastMs ? { key: 'story.ms', values: { ms: gm.lastMs } } : '');
  gm.setText(state, fetched ? 'story.offline' : 'story.online');
  foot.toggleAttribute('data-fetched', fetched);
}

// ---- Fetching

// Twice: the second time each scene follows on the last one, as it may in a talk, and none may be missing any more.
async function fetchAll(back) {
  if (isFetching) return;
  [isFetching, skipped] = [true, false];
  curtain.hidden = false;
  recorder.on();
  const walk = [...scenes, ...scenes], quiet = [];
  for (const { name } of walk) {
    if (skipped || !isPresenting()) break;
    gm.setText(curtain, 'story.fetching', { share: quiet.length / walk.length });
    await show(name, true);
    quiet.push(await recorder.quiet(() => skipped));
  }
  isFetching = false;
  fetched = quiet.length === walk.length && quiet.slice(scenes.length).every(Boolean);
  if (isPresenting()) {
    await show(back, true);
    await recorder.quiet(() => skipped);
  }
  curtain.hidden = true;
}

// ---- Entering and leaving

function goFull() {
  if (document.fullscreenElement || !html.requestFullscreen) return;
  html.requestFullscreen().then(() => { wasFull = true; }, () => {});
}

async function present(name) {
  const first = indexOf(name) < 0 ? scenes[0].name : name;
  goFull();
  await show(first, true);
  enter();
  if (!fetched) await fetchAll(first);
}

function enter() {
  foot.hidden = false;
  recorder.on();
  clearInterval(timer);
  timer = setInterval(look, LOOK_MS);
  look();
}

async function stop() {
  clearInterval(timer);
  [foot.hidden, blank.hidden, curtain.hidden] = [true, true, true];
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  wasFull = false;
  await gm.state.set({ present: undefined });
  render();
}

document.addEventListener('fullscreenchange', () => {
  if (!document.fullscreenElement && wasFull && isPresenting()) stop();  // by the browser's own Esc
});

// ---- Keys

const ACTIONS = {
  next: () => step(1),
  back: () => step(-1),
  first: () => show(scenes[0].name),
  last: () => show(scenes[scenes.length - 1].name),
  blank: () => { blank.hidden = !blank.hidden; },
  reset: () => show(currentName(), true, true),
  notes: () => notes.open(),
  fetch: () => fetchAll(currentName()),
  stop,
};
const CLICKER = { PageDown: 'next', PageUp: 'back', Escape: 'stop' };
const ARROWS = { ArrowRight: 'next', ArrowLeft: 'back', Home: 'first', End: 'last' };
const LETTERS = { b: 'blank', '.': 'blank', r: 'reset', n: 'notes', f: 'fetch', p: 'stop' };

function actionOf({ key, shiftKey, target }) {
  const on = (selector) => target instanceof Element && Boolean(target.closest(selector));
  if (key in CLICKER) return CLICKER[key];
  if (gm.story.isTyping(target)) return null;
  if (key in ARROWS) return on(OWN_ARROWS) ? null : ARROWS[key];
  if (key === ' ') return on(OWN_SPACE) ? null : shiftKey ? 'back' : 'next';
  return LETTERS[key.toLowerCase()] || null;
}

function take(action) {
  if (isFetching) {  // any key begins at once; what is not fetched yet is fetched when it is needed
    skipped = true;
    if (action === 'stop') stop();
    return;
  }
  if (!blank.hidden && action !== 'blank') blank.hidden = true;
  ACTIONS[action]();
}

// Before all that is in the page, so that no slider takes a clicker's keys.
window.addEventListener('keydown', (event) => {
  if (!isPresenting() || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (action !== 'stop') goFull();  // which a page that was loaded anew may do only then
  take(action);
}, true);
blank.addEventListener('click', () => { blank.hidden = true; });
foot.addEventListener('click', ({ target }) => {  // where there are no keys
  if (target.dataset.do) take(target.dataset.do);
});
notes.listen((key) => {
  const action = isPresenting() && actionOf({ key, target: null });
  if (action) take(action);
}, tellNotes);

Object.assign(gm.story, {
  present,
  arrived() {
    render();
    const name = gm.state.get('scene');
    if (name !== lastScene) gm.lastMs = undefined;  // of another scene's picture
    lastScene = name;
    if (isPresenting() && foot.hidden) enter();
    if (!isPresenting() && !foot.hidden) stop();  // by the browser's Back
  },
});
