const find = (selector) => element.querySelector(selector);
const root = find('.gm-code-boards'), tiles = gm.components.code_tiles(element);
const views = gm.components.code_views(element, { tiles });
const play = find('.gm-code-play'), place = find('.gm-code-at'), loading = find('.gm-loading');
const status = find('.gm-code-status');
const { samples } = props.value;  // of each model, whose patches show what its codes stand for
const RATES = [2, 5, 15, 30, 60, 120, Infinity];  // tiles a second
const FRAME_MS = 10;  // of computing in a frame of the screen
const MAX_INDEX = 99;
const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
let network = null, loads = 0, isLoading = false;  // how often a model, seed or category was asked for
let dice = [], index = 0, thrown = null;  // a seed's rows, which of them is drawn, and the dice in use
let boards = null, label = 0;  // what is shown, and the category by which the priors go on
let edited = false;  // whether the boards are not those of the dice alone
let asked = [];  // boards that a link brings, until they can be shown
let run = null, asker = null;  // boards at work: those that are filled, and those that are asked for probabilities
let hovered = null, chosen = null;  // a tile, { level, tile }
let playing = false, levels = null;
const schedule = gm.framesFor(element, work), pace = gm.pace(find('.gm-code-speed'), RATES);

const copy = () => boards.map((codes) => codes.slice());
function filled() {
  const at = network.order.findIndex(({ level, tile }) => boards[level][tile] < 0);
  return at < 0 ? network.count : at;
}
const isDone = () => filled() === network.count;
const placeOf = ({ level, tile }) => network.places[level][tile];

// ---- Boards at work

// The boards as a run of the priors, up to a place.
function at(one, until) {
  const found = one && one.network === network && one.category === label ? one : network.begin(label);
  found.follow(boards, until);
  return found;
}

function drawTo(until, deadline = Infinity) {
  run = at(run, Math.min(filled(), until));
  while (run.at < until && performance.now() < deadline) run.draw(thrown[run.at]);
  boards = run.boards.map((codes) => codes.slice());
}

function drawOn(now, deadline) {
  const due = pace.due(now), from = filled();
  if (due < 1) return;
  drawTo(Math.min(network.count, from + due), deadline);
  pace.took(run.at - from);
  if (isDone()) finish();
}

function finish() {
  playing = false;
  if (edited) bound.changed();
  gm.setWords(status, { key: 'boards.done' });
}

function setPlaying(on) {
  playing = on;
  pace.begin();
  if (on) [chosen, hovered] = [null, null];
  if (on && isCalm) {
    drawTo(network.count);
    finish();
  }
  if (!on && edited) bound.changed();
  schedule();
}

// The dice of the picture, and its category.
function takeDice() {
  thrown = dice[index].subarray(0, network.count);
  label = dice[index][network.count];
}

// The picture of the dice alone, from the first tile on.
function start() {
  takeDice();
  boards = network.empty();
  [chosen, hovered] = [null, null];
  const wasEdited = edited;
  edited = false;
  if (wasEdited) bound.changed();
  setPlaying(true);
}

// ---- Changes by the visitor

const undoable = gm.undoable(find('.gm-code-undo'), () => ({ boards: copy(), edited, label }), (kept) => {
  ({ boards, edited, label } = kept);
  chosen = null;
  bound.changed();
  setPlaying(false);
});

function change(code) {
  undoable.save();
  boards = copy();
  boards[chosen.level][chosen.tile] = code;
  edited = true;
  bound.changed();
  schedule();
}

// Boards from elsewhere: of a drawing, or of a link.
function adopt(found) {
  takeDice();
  if (props.value.category < 0 && !found[0].includes(-1)) label = network.likelyLabel(found[0]);
  boards = found;
  [edited, playing, hovered, chosen] = [true, false, null, null];
  schedule();
}

function applyAsked() {
  const wished = (key, first) => (gm.state.get(key) === undefined ? first : gm.state.get(key));
  if (!asked.length || !network || isLoading) return false;
  if (props.value.seed !== wished('seed', '0') || props.value.category !== wished('category', -1)) return false;
  const found = gm.boards.unpack(network, asked);
  asked = [];
  if (!found) gm.notice({ key: 'address.refused', values: { parts: 'x' } });
  else adopt(found);
  return Boolean(found);
}

let isDrawing = false;
gm.components.code_pad(element, {
  drawn(pixels, isComplete) {
    if (!network || pixels.length !== network.height * network.width) return;
    if (!isDrawing) undoable.save();
    isDrawing = !isComplete;
    const found = network.encode(pixels);
    if (!isComplete) {  // which label it has is asked when the stroke is complete
      boards = found;
      [edited, playing, chosen, hovered] = [true, false, null, null];
      return schedule();
    }
    adopt(found);
    bound.changed();
  },
});

function again() {
  if (edited) undoable.save();
  start();
}
play.addEventListener('click', () => (isDone() ? again() : setPlaying(!playing)));
find('.gm-code-step').addEventListener('click', () => {
  if (isDone()) return;
  chosen = null;
  const next = network.order[filled()];
  drawTo(filled() + 1);
  hovered = next;
  setPlaying(false);
});
find('.gm-code-again').addEventListener('click', again);
find('.gm-code-refine').addEventListener('click', () => {
  undoable.save();
  drawTo(Math.max(filled(), network.cells));
  boards[1].fill(-1);
  thrown = thrown.map((die, i) => (i < network.cells ? die : 2 * Math.random() - 1));
  edited = true;
  setPlaying(true);
});
let isDragged = false;
place.addEventListener('input', () => {
  if (!isDragged && edited) undoable.save();
  isDragged = true;
  const to = Number(place.value);
  [chosen, hovered] = [null, null];
  if (to > filled()) drawTo(to);
  else network.order.slice(to).forEach(({ level, tile }) => { boards[level][tile] = -1; });
  setPlaying(false);
});
place.addEventListener('change', () => { isDragged = false; });

// ---- What is shown

// The palette of the chosen tile, or of the next one; the probability of what stands there.
function showPalette() {
  const one = chosen || (!playing && !isDone() ? network.order[filled()] : null);
  if (!one || placeOf(one) > filled()) {
    views.clearPalette();
    return undefined;
  }
  const focused = document.activeElement.closest('.gm-code-choice'), code = boards[one.level][one.tile];
  asker = at(asker, placeOf(one));
  const probabilities = asker.probabilities();
  views.fillPalette(one.level, code, probabilities, (picked) => {
    chosen = one;
    change(picked);
  });
  if (focused) find(`.gm-code-choice[data-code="${code < 0 ? focused.dataset.code : code}"]`).focus();
  return code < 0 ? undefined : probabilities[code];
}

let shownPalette = '';
let probability;
function paint() {
  const marked = playing ? null : hovered || chosen, done = isDone();
  levels = views.paint(boards, marked);
  root.dataset.boards = gm.boards.pack(boards);
  const state = JSON.stringify([playing, chosen, label, edited || filled(), gm.boards.pack(boards)]);
  if (!playing && state !== shownPalette || playing && shownPalette !== 'playing') {
    shownPalette = playing ? 'playing' : state;
    probability = showPalette();
  }
  const told = marked || (playing || done ? null : network.order[filled()]);
  views.paintStroke(told ? told.level : 0, told ? boards[told.level][told.tile] : -1);
  const sentence = told ? views.sentence(told, boards, filled(), told === chosen ? probability : undefined)
    : { key: playing ? 'boards.filling' : 'boards.hint' };
  gm.setWords(find('.gm-code-sentence'), sentence);
  gm.setWords(find('.gm-code-hint'), find('.gm-code-choice') ? { key: 'boards.palette.hint', values: { label } }
    : { key: 'boards.strokes' });
  gm.setText(play, playing ? 'pixels.pause' : 'pixels.play');
  find('.gm-code-step').disabled = done;
  place.value = filled();
}

function work(now) {
  if (!network || !boards) return;
  if (playing) drawOn(now, performance.now() + FRAME_MS);
  paint();
  if (playing) schedule();
}

// ---- Pointer and keys

function choose(one) {
  [chosen, hovered] = [one, null];
  setPlaying(false);
}

gm.components.code_keys(element, {
  tileAt: (level, event) => (network ? views.tileAt(level, event) : null),
  sizes: () => network.sizes,
  marked: () => hovered || chosen,

  // By the pointer, or by keys, which choose nothing yet.
  point(one, byKeys) {
    if (playing && !byKeys) return;
    hovered = one;
    if (byKeys) {
      chosen = null;
      setPlaying(false);
      gm.setWords(status, views.sentence(one, boards, filled()));
    }
    schedule();
  },

  choose(one, byKeys) {
    choose(one);
    if (!byKeys) return;
    paint();
    const first = find('.gm-code-choice');
    if (first) first.focus();
  },
});

// ---- The model, its dice, and what a link brings

async function load() {
  const { model, seed, category } = props.value || {}, mine = ++loads;
  loading.hidden = Boolean(network);
  if (!model) return;
  isLoading = true;
  const call = { model, count: index + 1, seed, category };
  const found = await Promise.all([gm.boards.load(model), gm.fetchRows('latents', call)]).catch(() => [null]);
  if (mine !== loads) return;
  loading.hidden = true;
  isLoading = false;
  gm.setWords(find('.gm-error'), found[0] ? '' : { key: 'error.no_answer' });
  if (!found[0]) return;
  dice = found[1];
  if (found[0] !== network) begin(found[0], samples[model]);
  root.dataset.shownModel = model;
  root.inert = false;
  undoable.clear();
  if (!applyAsked()) start();
  bound.arrived();
}

function begin(found, given) {
  const { shape: [n, height, width], pixels } = given || { shape: [0, 0, 0], pixels: '' };
  network = found;
  [run, asker] = [null, null];
  const bytes = gm.decodeBase64(pixels), size = height * width;
  tiles.learn(network, Array.from({ length: n }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));
  views.begin(network);
  place.max = network.count;
  root.style.setProperty('--image-aspect', `${network.width} / ${network.height}`);
}

async function setIndex(value) {
  index = Math.min(MAX_INDEX, value);
  await load();
}
const boundIndex = gm.state.bind('index', find('.gm-code-other'), () => index, setIndex, 0);
find('.gm-code-other').addEventListener('click', async () => {
  await setIndex((index + 1) % (MAX_INDEX + 1));
  boundIndex.changed();
});
const bound = gm.state.bind('codes', find('.gm-code-undo'), () => (edited ? gm.boards.pack(boards) : []), (codes) => {
  asked = codes;
  if (!codes.length && network && !isLoading) start();
  else applyAsked();
}, []);
asked = gm.state.get('codes') || [];
gm.offer(element, () => (levels && root.dataset.shownModel && {
  title: { key: 'boards.picture' }, file: `${props.value.model}-seed-${props.value.seed}-${index}`,
  sheet: { pixels: levels, shape: [1, network.height, network.width], columns: 1, scale: 16 },
}));
watch('value', load);
load();
