const find = (selector) => element.querySelector(selector);
const root = find('.gm-pixel-board'), picture = find('.gm-pixel-picture'), map = find('.gm-pixel-map .gm-pixel-pad');
const endingsBox = find('.gm-pixel-endings'), views = gm.components.pixel_views(element);
const play = find('.gm-pixel-play'), place = find('.gm-pixel-at');
const loading = find('.gm-loading'), rowsGiven = find('.gm-pixel-rows'), line = find('.gm-pixel-line');
const ENDINGS = 8;
const RATES = [2, 5, 10, 30, 60, 120, 300, 1000, Infinity];  // pixels a second
const FRAME_MS = 10;  // of computing in a frame of the screen
const MAX_INDEX = 99;
// What the picture is called, by who draws.
const NAMES = { draw: 'pixels.picture.keys.draw', own: 'pixels.picture.keys.own' };
let network = null, loads = 0;  // how often a model or seed was asked for
let dice = [], index = 0;  // a seed's dice, picture by picture, and which picture is drawn
let drawn = null, own = null;  // what the model draws, what the visitor drew: { run, white, logits }
let endings = [];  // of the visitor's drawing, likewise
let mode = 'draw', inspected = null;  // a pixel's number
let playing = !matchMedia('(prefers-reduced-motion: reduce)').matches;
const schedule = gm.framesFor(element, work), pace = gm.pace(find('.gm-pixel-speed'), RATES);
const shown = () => (mode === 'draw' ? drawn : own);
const isDone = ({ run }) => run.at >= network.pixels;
const given = () => Number(rowsGiven.value) * network.width;
const blank = () => ({ run: network.begin(), white: new Uint8Array(network.pixels),
  logits: new Float64Array(network.pixels) });

function decide(one, isWhite) {
  const { run, white, logits } = one, at = run.at, logit = run.logit();
  logits[at] = logit;
  white[at] = isWhite(at, logit);
  run.put(white[at]);
}
const byDice = (thrown) => (at, logit) => gm.pixels.isWhite(thrown[at], logit);
const asDrawn = (at) => own.white[at];

function surpriseOf({ white, logits, run }, from = 0) {
  let sum = 0;
  for (let i = from; i < run.at; i++) sum += gm.pixels.surprise(logits[i], white[i]);
  return sum;
}

// ---- What is shown

const decided = () => (mode === 'draw' ? drawn.run.at : network.pixels);
const sentenceOf = (at) => views.sentence(shown(), at, mode === 'draw' ? dice[index] : null);

function totalOf() {
  const one = shown(), nats = surpriseOf(one);
  if (mode === 'own') return { key: isDone(one) ? 'pixels.total.own' : 'pixels.total.reading', values: { nats } };
  return { key: 'pixels.total', values: { nats, count: one.run.at, pixels: network.pixels } };
}

function paint() {
  if (!network) return;
  const one = shown(), isIdle = inspected === null && (mode === 'own' || isDone(one));
  const at = inspected === null ? Math.max(0, one.run.at - 1) : inspected;
  views.paint(one, decided(), isIdle ? null : at);
  gm.setWords(find('.gm-pixel-total'), totalOf());
  gm.setWords(find('.gm-pixel-sentence'), isIdle && mode === 'own' ? { key: 'pixels.own.hint' } : sentenceOf(at));
  gm.setText(play, playing && !isDone(drawn) ? 'pixels.pause' : 'pixels.play');
  place.value = drawn.run.at;
  const { width, height } = network;
  endings.forEach((ending, i) => {
    gm.paint(endingsBox.children[i], views.grayLevels(ending.white, ending.run.at), width, height);
  });
}

function say() { gm.setWords(find('.gm-pixel-status'), totalOf()); }

// ---- Work, a little in each frame of the screen

function drawOn(now, deadline) {
  for (let due = pace.due(now); due >= 1 && !isDone(drawn) && performance.now() < deadline; due--) {
    decide(drawn, byDice(dice[index]));
    pace.took(1);
  }
  if (isDone(drawn)) {
    playing = false;
    say();
  }
}

function startEndings() {
  endings = dice.slice(0, ENDINGS).map((thrown) => (
    { run: own.run.fork(given()), white: own.white.slice(), logits: own.logits.slice(), thrown }));
}

function goOn(deadline) {
  const wasDone = isDone(own);
  while (!isDone(own) && performance.now() < deadline) decide(own, asDrawn);
  if (!isDone(own) || pen.isDown()) return;
  if (!wasDone) say();
  if (!endings.length) startEndings();
  while (!endings.every(isDone) && performance.now() < deadline) {
    for (const ending of endings) if (!isDone(ending)) decide(ending, byDice(ending.thrown));
  }
  if (endings.every(isDone)) nameEndings();
}

function nameEndings() {
  endings.forEach((ending, i) => gm.setText(endingsBox.children[i], 'pixels.ending',
    { number: i + 1, nats: surpriseOf(ending, given()) }, 'aria-label'));
}

const isBusy = () => (mode === 'draw' ? playing && !isDone(drawn)
  : !isDone(own) || (!pen.isDown() && (!endings.length || !endings.every(isDone))));

function work(now) {
  if (!network) return;
  const deadline = performance.now() + FRAME_MS;
  if (mode === 'own') goOn(deadline);
  else if (playing) drawOn(now, deadline);
  paint();
  if (isBusy()) schedule();
}

// ---- The model draws

function setPlaying(on) {
  playing = on;
  pace.begin();
  if (on && isDone(drawn)) drawn.run.rewind(0);
  if (!on) say();
  schedule();
}

function goTo(at) {
  if (at < drawn.run.at) drawn.run.rewind(at);
  while (drawn.run.at < at) decide(drawn, byDice(dice[index]));
}

play.addEventListener('click', () => setPlaying(!playing || isDone(drawn)));
find('.gm-pixel-step').addEventListener('click', () => {
  inspected = null;
  if (isDone(drawn)) drawn.run.rewind(0);
  else goTo(drawn.run.at + 1);
  setPlaying(false);
});
function playAgain() {
  drawn.run.rewind(0);
  setPlaying(true);
}
find('.gm-pixel-again').addEventListener('click', playAgain);
document.addEventListener('gm-again', () => { if (drawn && element.offsetParent) playAgain(); });
place.addEventListener('input', () => {
  goTo(Number(place.value));
  setPlaying(false);
});
// Which picture of the seed.
async function setIndex(value) {
  index = Math.min(MAX_INDEX, value);
  await load();
}
const bound = gm.state.bind('index', find('.gm-pixel-other'), () => index, setIndex, 0);
find('.gm-pixel-other').addEventListener('click', async () => {
  await setIndex((index + 1) % (MAX_INDEX + 1));
  bound.changed();
});

// ---- The visitor draws

function changed(first) {
  own.run.rewind(first);
  if (first < given()) endings = [];
  schedule();
}

const pen = gm.components.pixel_pen(element, {
  drawing: () => (network && mode === 'own' ? { white: own.white, width: network.width, height: network.height } : null),
  changed, ended: schedule,
});
function showRows() {
  const rows = Number(rowsGiven.value), output = rowsGiven.parentElement.querySelector('output');
  gm.setText(output, 'pixels.rows.count', { rows });
  rowsGiven.setAttribute('aria-valuetext', output.textContent);
  if (network) line.style.top = `${100 * rows / network.height}%`;
}
rowsGiven.addEventListener('input', () => {
  showRows();
  endings = [];
  schedule();
});
gm.followExamples(element, picture, () => network, (levels) => {
  setMode('own');
  pen.replace(Uint8Array.from(levels, (level) => level >= 128));
});

// ---- Pointer and keys

function inspect(pad, { clientX, clientY }) {
  const box = pad.getBoundingClientRect(), { width, height } = network;
  const x = Math.floor((clientX - box.left) / box.width * width);
  const y = Math.floor((clientY - box.top) / box.height * height);
  inspected = x >= 0 && y >= 0 && x < width && y < height ? y * width + x : null;
  schedule();
}
for (const pad of [picture, map]) {
  pad.addEventListener('pointermove', (event) => { if (network) inspect(pad, event); });
  pad.addEventListener('pointerdown', (event) => { if (network) inspect(pad, event); });
  pad.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType !== 'mouse') return;  // a finger's pixel stays
    inspected = null;
    schedule();
  });
}
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
picture.addEventListener('keydown', (event) => {
  if (!network || event.altKey || event.ctrlKey || event.metaKey) return;
  const { width, height } = network, at = inspected === null ? Math.max(0, shown().run.at - 1) : inspected;
  if (event.key in STEPS) {
    const [dx, dy] = STEPS[event.key], x = at % width + dx, y = Math.floor(at / width) + dy;
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    inspected = y * width + x;
  } else if (mode === 'own' && (event.key === ' ' || event.key === 'Enter')) {
    pen.turn(at);
    inspected = at;
  } else {
    return;
  }
  event.preventDefault();
  gm.setWords(find('.gm-pixel-status'), sentenceOf(inspected));
  schedule();
});

// ---- Choices

function setMode(value) {
  mode = root.dataset.mode = value;
  find(`.gm-pixel-modes [value=${value}]`).checked = true;
  gm.setText(picture, NAMES[value], {}, 'aria-label');
  inspected = null;
  pace.begin();
  schedule();
}
root.addEventListener('change', ({ target }) => {
  if (target.name === 'gm-pixel-mode') setMode(target.value);
  if (target.name === 'gm-pixel-kind') {
    views.setKind(target.value);
    schedule();
  }
});

// ---- The model and its dice

function begin(found) {
  const kept = own && own.white;
  network = found;
  [drawn, own] = [blank(), blank()];
  if (kept && kept.length === own.white.length) own.white.set(kept);
  endings = [];
  const { width, height } = network;
  views.begin(network);
  place.max = network.pixels;
  rowsGiven.max = height - 1;
  root.style.setProperty('--image-aspect', `${width} / ${height}`);
  showRows();
}

async function load() {
  const { model, seed } = props.value || {}, mine = ++loads;
  loading.hidden = Boolean(network);
  if (!model) return;
  const call = { model, count: Math.max(ENDINGS, index + 1), seed, category: -1 };
  const found = await Promise.all([gm.pixels.load(model), gm.fetchRows('latents', call)]).catch(() => [null]);
  if (mine !== loads) return;
  loading.hidden = true;
  gm.setWords(find('.gm-error'), found[0] ? '' : { key: 'error.no_answer' });
  if (!found[0]) return;
  dice = found[1];
  if (found[0] !== network) begin(found[0]);
  drawn.run.rewind(0);
  endings = [];
  root.dataset.shownModel = model;
  root.inert = false;
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) goTo(network.pixels);
  else setPlaying(true);
  schedule();
  bound.arrived();  // in use only now
}

endingsBox.append(...Array.from({ length: ENDINGS }, () => {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  return canvas;
}));
gm.offer(element, () => (network && root.dataset.shownModel && {
  title: { key: 'pixels.picture' }, file: `${props.value.model}-seed-${props.value.seed}-${index}`,
  sheet: { pixels: views.grayLevels(shown().white, decided()), shape: [1, network.height, network.width], columns: 1, scale: 16 },
}));
document.addEventListener('gm-language', showRows);
watch('value', load);
showRows();
views.setKind('probability');
load();
