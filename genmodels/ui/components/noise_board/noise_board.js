const find = (selector) => element.querySelector(selector);
const root = find('.gm-noise'), picture = find('.gm-pixel-picture'), cursor = find('.gm-pixel-cursor');
const loading = find('.gm-loading'), play = find('.gm-noise-play'), paths = gm.components.noise_paths(element);
const [timeBox, startBox, stepsBox, guidanceBox] = ['time', 'start', 'steps', 'guidance'].map(
  (name) => find(`.gm-noise-${name}`));
const rangeOf = (box) => box.querySelector('input');
const IMAGES = 10;
const PLAY_MS = 3500;  // from noise to images
const LONG = 12;  // steps still to come, from which a run that is not wanted any more is given up
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
let field = null, loads = 0;  // how often a model, seed or label was asked for
let noise = [], labels = [], own = null;  // of the seed; what the visitor drew, in [0, 1]
let wanted = 0, begun = 0, working = false;  // numbers of runs
let run = null, shown = null;  // the run at work, and the one in sight: what gm.flow.begin gives, with its settings
let time = 0, playing = false, lastFrame = 0, selected = 0, inspected = null;

const size = () => field.plan.width * field.plan.height;
const guidanceOf = () => Number(rangeOf(guidanceBox).value) / 10;
const mode = () => root.dataset.mode;
const startOf = () => (mode() === 'own' ? Number(rangeOf(startBox).value) / 100 : 0);
const grayLevels = (values) => Uint8ClampedArray.from(values, (value) => (value + 1) * 127.5);

// ---- Computing: a run after the other, the newest next

function beginRun() {
  const steps = Number(rangeOf(stepsBox).value), guidance = guidanceOf(), start = startOf();
  const z = new Float32Array(IMAGES * size());
  noise.forEach((values, i) => z.set(values, i * size()));
  if (start) z.forEach((value, i) => { z[i] = (1 - start) * value + start * (2 * own[i % size()] - 1); });
  run = { ...gm.flow.begin(field, { z, labels, steps, guidance, start }), steps, guidance, start };
  begun = wanted;
}

// Until when a run knows where its images are.
function knownUntil({ states, steps, start }) {
  return states.length > steps ? 1 : states.length ? start + (1 - start) * states.length / steps : -1;
}

async function compute() {
  if (working || !field) return;
  working = true;
  try {
    while (begun !== wanted || !run.isDone()) {
      if (begun !== wanted && (!run || run.isDone() || run.steps - run.states.length > LONG)) beginRun();
      root.toggleAttribute('data-busy', shown !== run);
      await run.advance();
      if (run.isDone() || knownUntil(run) >= time || !shown) show(run);
    }
    say();
  } catch {
    gm.setWords(find('.gm-error'), { key: 'error.no_answer' });
  }
  working = false;
}

function restart() {
  wanted++;
  compute();
}

// ---- What is shown

function show(other) {
  shown = other;
  const isWhole = shown.isDone(), isSingle = shown.guidance === 0 || shown.guidance === 1;
  root.toggleAttribute('data-ready', isWhole);
  if (isWhole) {
    root.removeAttribute('data-busy');
    drawPaths();
  }
  const values = { steps: shown.steps, passes: shown.steps * (isSingle ? 1 : 2) };
  gm.setWords(find('.gm-noise-count'), mode() === 'own' && !own.some(Boolean) ? { key: 'noise.own.hint' }
    : { key: isSingle ? 'noise.count.one' : 'noise.count.two', values });
  schedule();
}

function drawPaths() {
  const { width } = field.plan, pixels = paths.draw(shown.states, selected * size(), field.plan);
  const tile = find('.gm-noise-now .gm-noise-tiles').children[selected];
  element.querySelectorAll('.gm-noise-mark').forEach((mark) => mark.remove());
  pixels.forEach((pixel, k) => {
    const mark = document.createElement('span');
    mark.className = 'gm-noise-mark';
    Object.assign(mark.style, { left: `${100 * (pixel % width) / width}%`, width: `${100 / width}%`,
      top: `${100 * Math.floor(pixel / width) / field.plan.height}%`, color: paths.COLORS[k] });
    tile.append(mark);
  });
}

function paint() {
  const range = rangeOf(timeBox), output = timeBox.querySelector('output');
  range.value = Math.round(100 * time);
  gm.setText(output, 'noise.time.at', { time });
  range.setAttribute('aria-valuetext', output.textContent);
  gm.setText(play, playing ? 'pixels.pause' : 'pixels.play');
  if (!shown || !shown.states.length) return;
  const { width, height } = field.plan, { x, end } = gm.flow.at(shown.states, time);
  for (const [box, values] of [['now', x], ['ends', end]]) {
    const levels = grayLevels(values);
    [...find(`.gm-noise-${box} .gm-noise-tiles`).children].forEach((tile, i) => {
      gm.paint(tile.firstChild, levels.subarray(i * size(), (i + 1) * size()), width, height);
    });
  }
  paths.mark(time);
}

function work(now) {
  if (!field) return;
  if (playing) {
    const limit = shown ? knownUntil(shown) : 0;
    time = Math.min(limit, time + Math.min(100, now - lastFrame) / PLAY_MS);
    if (time >= 1) setPlaying(false);
  }
  lastFrame = now;
  paint();
  if (playing) schedule();
}

const schedule = gm.framesFor(element, work);

function say() {
  gm.setText(find('.gm-noise-status'), 'noise.status', { time, steps: shown.steps, guidance: shown.guidance });
}

// ---- Time

function setPlaying(on) {
  playing = on;
  lastFrame = performance.now();
  if (on && time >= 1) time = startOf();
  schedule();
}

function setTime(value) {
  time = Math.min(1, Math.max(startOf(), value));
  setPlaying(false);
}

play.addEventListener('click', () => setPlaying(!playing));
rangeOf(timeBox).addEventListener('input', ({ target }) => setTime(Number(target.value) / 100));
rangeOf(timeBox).addEventListener('change', () => boundTime.changed());
const boundTime = gm.state.bind('time', timeBox, () => Math.round(100 * time) / 100, setTime, 1);

// ---- Steps, guidance, and from when on a drawing is finished

function showSettings() {
  for (const [box, key, value] of [[stepsBox, 'noise.steps.count', Number(rangeOf(stepsBox).value)],
    [guidanceBox, 'noise.guidance.value', guidanceOf()], [startBox, 'noise.time.at', Number(rangeOf(startBox).value) / 100]]) {
    const output = box.querySelector('output');
    gm.setText(output, key, { value, time: value });
    rangeOf(box).setAttribute('aria-valuetext', output.textContent);
  }
}

function setting(box, key, read, toSlider) {
  const range = rangeOf(box), bound = gm.state.bind(key, box, read, (value) => {
    range.value = toSlider(value);
    showSettings();
    restart();
  });
  range.addEventListener('input', () => {
    showSettings();
    restart();
  });
  range.addEventListener('change', () => bound.changed());
  return bound;
}
const boundSteps = setting(stepsBox, 'steps', () => Number(rangeOf(stepsBox).value), (value) => value);
const boundGuidance = setting(guidanceBox, 'guidance', guidanceOf, (value) => Math.round(10 * value));
rangeOf(startBox).addEventListener('input', () => {
  showSettings();
  setTime(startOf());
  restart();
});

// ---- The visitor's drawing

function changed() {
  gm.paint(find('.gm-pixel-image'), grayLevels(own.map((value) => 2 * value - 1)), field.plan.width, field.plan.height);
  setTime(startOf());
  restart();
}

const pen = gm.components.pixel_pen(element, {
  drawing: () => (field && mode() === 'own' ? { white: own, width: field.plan.width, height: field.plan.height } : null),
  changed,
  ended() { setPlaying(!isStill); },
});

function setMode(value) {
  root.dataset.mode = value;
  find(`.gm-noise-modes [value=${value}]`).checked = true;
  shown = null;
  if (own) changed();
  if (!isStill) setPlaying(true);
  else setTime(1);
}
root.addEventListener('change', ({ target }) => { if (target.name === 'gm-noise-mode') setMode(target.value); });

gm.followExamples(element, picture, () => field && field.plan, (levels) => {
  root.dataset.mode = 'own';
  pen.replace(Float32Array.from(levels, (level) => level / 255));
  setMode('own');
});

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
picture.addEventListener('keydown', (event) => {
  if (!field || event.altKey || event.ctrlKey || event.metaKey) return;
  const { width, height } = field.plan, at = inspected === null ? Math.floor((height + 1) * width / 2) : inspected;
  if (event.key in MOVES) {
    const [dx, dy] = MOVES[event.key], x = at % width + dx, y = Math.floor(at / width) + dy;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    inspected = y * width + x;
  } else if (event.key === ' ' || event.key === 'Enter') {
    inspected = at;
    pen.turn(at);
  } else {
    return;
  }
  event.preventDefault();
  cursor.hidden = false;
  Object.assign(cursor.style, { left: `${100 * (inspected % width) / width}%`, width: `${100 / width}%`,
    top: `${100 * Math.floor(inspected / width) / height}%`, height: `${100 / height}%` });
});
picture.addEventListener('blur', () => { cursor.hidden = true; });

// ---- The model and its noise

function createTiles() {
  for (const box of element.querySelectorAll('.gm-noise-tiles')) {
    const isNow = box.parentElement.matches('.gm-noise-now');
    box.replaceChildren(...labels.map((label, i) => {
      const tile = document.createElement(isNow ? 'button' : 'span'), canvas = document.createElement('canvas');
      tile.className = 'gm-noise-tile';
      tile.append(canvas);
      gm.setText(isNow ? tile : canvas, isNow ? 'noise.tile' : 'noise.tile.end', { number: i + 1, label }, 'aria-label');
      if (!isNow) {
        canvas.setAttribute('role', 'img');
        return tile;
      }
      Object.assign(tile, { type: 'button' });
      tile.addEventListener('click', () => select(i));
      return tile;
    }));
  }
  select(Math.min(selected, labels.length - 1));
}

function select(i) {
  selected = i;
  [...find('.gm-noise-now .gm-noise-tiles').children].forEach((tile, k) => tile.setAttribute('aria-pressed', k === i));
  if (shown && shown.isDone()) drawPaths();
  schedule();
}

async function load() {
  const { model, seed, category } = props.value || {}, mine = ++loads;
  loading.hidden = Boolean(field);
  if (!model) return;
  const call = { model, count: IMAGES, seed, category };
  const found = await Promise.all([gm.engine.loadField(model), gm.fetchRows('latents', call)]).catch(() => [null]);
  if (mine !== loads) return;
  loading.hidden = true;
  gm.setWords(find('.gm-error'), found[0] ? '' : { key: 'error.no_answer' });
  if (!found[0]) return;
  const isFirst = !field;
  field = found[0];
  noise = found[1].map((row) => row.subarray(0, size()));
  labels = found[1].map((row) => row[size()]);
  if (!own || own.length !== size()) own = new Float32Array(size());
  root.style.setProperty('--image-aspect', `${field.plan.width} / ${field.plan.height}`);
  root.dataset.shownModel = model;
  root.inert = false;
  createTiles();
  gm.paint(find('.gm-pixel-image'), grayLevels(own.map((value) => 2 * value - 1)), field.plan.width, field.plan.height);
  restart();
  // In use only now, and with this model's own values where nobody has chosen any.
  boundSteps.arrived(field.plan.steps);
  boundGuidance.arrived(field.plan.guidance);
  if (!isFirst) return;
  if (isStill || gm.state.get('time') !== undefined) setTime(1);
  else setPlaying(true);
  boundTime.arrived();
}

gm.offer(element, () => (shown && shown.states.length && {
  title: { key: 'noise.now' }, file: `${props.value.model}-seed-${props.value.seed}-time-${time.toFixed(2)}`,
  sheet: { pixels: grayLevels(gm.flow.at(shown.states, time).x), columns: 5, scale: 8,
    shape: [labels.length, field.plan.height, field.plan.width] },
}));
document.addEventListener('gm-activity', () => { lastFrame = performance.now(); });
document.addEventListener('gm-language', () => { showSettings(); schedule(); });
watch('value', load);
showSettings();
load();
