const find = (selector) => element.querySelector(selector);
const root = find('.gm-live'), play = find('.gm-live-play'), output = find('.gm-live-count');
const status = find('[role=status]');
const paceBox = find('.gm-live-pace'), setSelect = find('.gm-live-set'), clearButton = find('.gm-live-clear');
const seedBox = find('.gm-live-seed'), seedInput = seedBox.querySelector('input'), error = element.lastElementChild;
const [both, withHeat, withLines] = ['both', 'heat', 'lines'].map((name) => find('.gm-live-' + name));
const setups = gm.components.live_setup(), words = gm.components.live_words(), { presets, script } = props.value;
const PACES = [1, 5, 20, 60, 200, Infinity];  // steps a second
const AHEAD = 80;  // steps that a panel may be ahead of the other: more than pass until the page hears of it
const MOST_STEPS = 99999, SETTLE_MS = 500;
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;

let engine = null, isLoading = false;  // gm.live, once it is there
let set = 'ring', drawing = [], seed = '0';
let run = 0, granted = 0, allowed = 0;  // the number of the run; the steps it may make, and might at the pace
let target = null, until = 0;  // where it pauses by itself; where a link's would
let isPlaying = false, isPure = true;  // whether no setting has changed since step 0
let last = 0, frame = null, timer = null, isStale = true;

const { panels, load } = gm.components.live_panels(element, {
  received(panel, report) {
    if (report.run !== run) return;
    Object.assign(panel, { report, isNew: true });
    panel.plots.add(report);
    schedule();
  },
  failed() { gm.setWords(error, { key: 'live.failed' }); },
});
const active = () => (both.checked ? panels : panels.slice(0, 1));
const isEmpty = () => set === 'drawn' && !drawing.length;
const pointSet = () => engine.SETS[set](isEmpty() ? [[0, 0]] : drawing);

// ---- Settings

// Of one panel, at the step where it is; only a GAN that becomes a VAE, or the other way round, begins anew.
function changeSetup(panel, input) {
  const { isVae } = panel;
  panel.set(panel.changed(input));
  if (panel.isVae !== isVae) restart();
  else panel.post('change', { settings: setups.settings(panel.setup) });
  if (granted > 0) [isPure, until, target] = [false, 0, null];
  changed();
}

const codes = () => active().map(({ setup }) => setups.write(setup));

function setCodes([first, second]) {
  both.checked = second !== undefined;
  [first, second || first].forEach((code, i) => panels[i].set(setups.read(code)));
  restart();
}

// ---- What is said

const presetNow = () => presets.find(({ data, panels: found }) => data === set && found.join() === codes().join());

function say() {
  const preset = presetNow();
  root.toggleAttribute('data-single', !both.checked);
  root.dataset.points = set;
  clearButton.hidden = set !== 'drawn';
  pen.offer(set === 'drawn');
  const buttons = [...find('.gm-live-presets').children];
  buttons.forEach((button, i) => button.setAttribute('aria-pressed', presets[i] === preset));
  const [a, b] = active().map(({ setup }) => setup);
  gm.setWords(find('.gm-live-difference'), b ? words.difference(setups.differences(a, b)) : '');
  gm.setWords(find('.gm-live-lesson'), isEmpty() ? { key: 'live.draw' } : preset ? words.lesson(preset.name) : '');
  gm.setWords(find('.gm-live-measured'), preset ? words.measured(preset) : '');
}

// For screen readers: what each picture shows, once it rests.
function readOut() {
  timer = null;
  const shown = active().filter(({ report }) => report);
  if (isPlaying || !shown.length) return;
  const each = shown.map(({ view, report, letter }) => {
    const values = { letter, held: words.held(report, set), steps: report.step };
    gm.setText(view.querySelector('canvas'), 'live.plane', values, 'aria-label');
    return { key: 'live.status.panel', values };
  });
  gm.setText(status, 'live.status', { steps: granted, panels: each });
}

// ---- Runs

// Both panels begin anew, as soon as all that changes with this has changed.
function restart() {
  const mine = ++run;
  [allowed, granted, isPure, until] = [0, 0, true, isPlaying && target ? target : 0];
  panels.forEach((panel) => { panel.report = null; });
  queueMicrotask(() => { if (mine === run && engine) begin(); });
}

function begin() {
  const sample = new Float32Array(800);
  engine.drawPoints(pointSet(), new engine.Random(seed + ' seen'), sample, 2, sample.length / 2);
  for (const panel of active()) {
    panel.sample = isEmpty() ? [] : sample;
    panel.start({ run, seed, data: set, drawn: isEmpty() ? [[0, 0]] : drawing });
    panel.post('look', { isHeated: withHeat.checked });
  }
  say();
  schedule(true);
}

// ---- Time

function grant(limit) {
  granted = Math.max(granted, Math.min(limit, target === null ? MOST_STEPS : target));
  active().forEach((panel) => panel.post('allow', { limit: granted }));
}

// Played from the start, an arrangement with measured results pauses where they were measured.
function setPlaying(on) {
  isPlaying = on && !isEmpty();
  if (isPlaying && target === null && granted === 0 && presetNow()) target = presetNow().steps;
  if (!isPlaying) target = null;
  until = !isPure ? 0 : isPlaying ? target || 0 : granted;
  allowed = granted;
  last = performance.now();
  gm.setText(play, isPlaying ? 'pixels.pause' : 'pixels.play');
  changed();
}

// Each step of a frame: the panels go on together.
function advance(now) {
  const least = Math.min(...active().map(({ step }) => step)), end = target === null ? MOST_STEPS : target;
  const pace = PACES[paceBox.querySelector('input').value], elapsed = Math.min(100, now - last) / 1000;
  allowed = Math.min(least + AHEAD, pace === Infinity ? Infinity : allowed + elapsed * pace);
  if (Math.floor(allowed) > granted) grant(Math.floor(allowed));
  if (least >= end) setPlaying(false);
}

function work(now) {
  frame = null;
  if (!engine || !element.offsetParent) return;  // gm-activity brings it back
  const isThere = active().every(({ report }) => report);
  if (isPlaying && isThere) advance(now);
  last = now;
  draw();
  const isAtRest = !isPlaying && isThere && active().every(({ step }) => step === granted);
  root.toggleAttribute('data-rest', isAtRest);
  if (isAtRest && timer === null) timer = setTimeout(readOut, SETTLE_MS);
  if (isPlaying) schedule();
}

function draw() {
  for (const panel of active()) {
    if (!panel.isNew && !isStale) continue;
    const { report, sample, plots, view } = panel, points = pointSet();
    panel.isNew = false;
    plots.draw(report, { parts: isEmpty() ? [] : points.parts, sample: pen.points() || sample,
      withLines: withLines.checked, cursor: pen.cursor() });
    plots.drawCurves(points.parts.length, isPlaying && !isStale);
    if (report) gm.setWords(view.querySelector('.gm-live-held'), words.held(report, set));
  }
  isStale = false;
  gm.setText(output, 'live.count', { steps: Math.min(...active().map(({ step }) => step)) });
}

function schedule(stale = false) {
  isStale = isStale || stale;
  if (frame === null) frame = requestAnimationFrame(work);
}

// ---- What the hand does

// Something of the arrangement is another: begin with it, and play.
function startOver(playing = !isStill) {
  target = null;
  restart();
  setPlaying(playing);
}

const pen = gm.components.live_pen(element, {
  extent: () => engine.EXTENT,
  isOn: () => engine && set === 'drawn',
  points: () => drawing,
  moved: () => schedule(true),
  drawn(points) {
    drawing = points;
    startOver();
  },
});
play.addEventListener('click', () => setPlaying(!isPlaying));
find('.gm-live-reset').addEventListener('click', () => startOver(false));
find('.gm-live-step').addEventListener('click', () => {
  if (isEmpty() || !engine) return;
  target = null;
  grant(granted + 1);
  setPlaying(false);
});
clearButton.addEventListener('click', () => {
  drawing = [];
  startOver(false);
});
setSelect.addEventListener('change', () => {
  set = setSelect.value;
  startOver();
});
both.addEventListener('change', () => startOver());
seedInput.addEventListener('input', () => {
  const isRight = /^\d{1,20}$/.test(seedInput.value);
  gm.setWords(error, isRight ? '' : { key: 'live.seed' });
  seedInput.toggleAttribute('aria-invalid', !isRight);
  if (!isRight) return;
  seed = seedInput.value;
  startOver();
});
seedBox.querySelector('button').addEventListener('click', () => {
  seedInput.value = Math.floor(Math.random() * 1e6);
  seedInput.dispatchEvent(new Event('input'));
});
withHeat.addEventListener('change', () => panels.forEach((panel) => panel.post('look', { isHeated: withHeat.checked })));
withLines.addEventListener('change', () => schedule(true));
panels.forEach((panel) => panel.settings.addEventListener('change', ({ target: input }) => changeSetup(panel, input)));
paceBox.addEventListener('input', sayPace);
function sayPace() {
  const range = paceBox.querySelector('input'), pace = PACES[range.value], said = paceBox.querySelector('output');
  gm.setText(said, pace === Infinity ? 'live.pace.most' : 'live.pace.value', { pace });
  range.setAttribute('aria-valuetext', said.textContent);
}
find('.gm-live-presets').replaceChildren(...presets.map(({ name, data, panels: found }) => {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'gm-button' });
  gm.setWords(button, words.preset(name));
  button.addEventListener('click', () => {
    set = setSelect.value = data;
    setCodes(found);
    startOver();
  });
  return button;
}));

// ---- Address

function changed() {
  say();
  schedule(true);
  gm.state.set({ points: set, drawing: drawing.flat(), setups: codes(), seed, until });  // all at once
}
gm.state.bind('points', setSelect.parentElement, () => set, (value) => {
  set = setSelect.value = value;
  restart();
}, 'ring');
gm.state.bind('drawing', find('.gm-live-data'), () => drawing.flat(), (values) => {
  drawing = Array.from({ length: values.length >> 1 }, (_, i) => values.slice(2 * i, 2 * i + 2));
  restart();
}, []);
gm.state.bind('setups', find('.gm-live-presets'), codes, setCodes, presets[0].panels);
gm.state.bind('seed', seedBox, () => seed, (value) => {
  seed = seedInput.value = value;
  restart();
}, '0');
gm.state.bind('until', output, () => until, playUntil, 0);
function playUntil(step) {
  [until, target, isPlaying] = [step, step || null, step > 0];
  gm.setText(play, isPlaying ? 'pixels.pause' : 'pixels.play');
  restart();
}

// In sight: the first time its script is fetched, and it plays, unless a link shows an arrangement to begin with.
async function wake() {
  if (!element.offsetParent) return;
  last = performance.now();
  schedule(true);
  if (engine || isLoading) return;
  isLoading = true;
  const isLinked = ['setups', 'until'].some((key) => gm.state.get(key) !== undefined);
  try {
    engine = await load(script);
    restart();
    if (!isLinked && !isStill) setPlaying(true);
  } catch {
    gm.setWords(error, { key: 'error.no_answer' });
  }
  isLoading = false;
}
document.addEventListener('gm-activity', wake);
document.addEventListener('gm-again', () => { if (element.offsetParent) playUntil(until); });
document.addEventListener('gm-language', () => {
  sayPace();
  schedule(true);
});
seedInput.value = seed;
sayPace();
say();
wake();
