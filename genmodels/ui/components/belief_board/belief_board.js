const root = element.querySelector('.gm-beliefs'), find = (selector) => root.querySelector(selector);
const status = find('[role=status]'), error = find('.gm-error'), grid = find('.gm-belief-grid');
// Of the classes, in their order: bright on black, and neighbors among handwritten digits (4 and 9, 3 and 5) far apart.
const COLORS = [[156, 170, 255], [255, 120, 110], [120, 230, 140], [255, 210, 100], [80, 195, 255], [255, 135, 215],
  [195, 165, 255], [255, 170, 90], [95, 230, 210], [215, 225, 85]];
const WHITE = 255, LANGUAGES = ['en', 'es'], ROW = 10;
let drawing = null;  // { levels, stroke }, the latest one
let describer = null, loaded = null;  // of the model whose name is `loaded`
let waiting = false, board = null, tiles = [], painting = 0;

function softmax(logits) {
  const most = Math.max(...logits), shares = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
const best = (shares) => shares.indexOf(Math.max(...shares));

// ---- The drawing

function clear() {
  delete element.dataset.believed;
  const { firstChild: digit, lastChild: share } = find('.gm-belief-winner');
  digit.textContent = '\u2013';
  digit.style.background = '';
  gm.setText(share, 'beliefs.first');
  for (const language of LANGUAGES) find(`[lang=${language}]`).textContent = '\u2013';
  gm.setWords(status, '');
}

function describe() {
  if (!describer || !drawing || !drawing.levels) return clear();
  const probabilities = softmax(describer.logits(drawing.levels)), name = best(probabilities);
  const captions = Object.fromEntries(LANGUAGES.map((language) => (
    [language, describer.caption(drawing.levels, name, language)])));
  const { firstChild: digit, lastChild: share } = find('.gm-belief-winner');
  digit.textContent = name;
  digit.style.background = `rgb(${COLORS[name]})`;
  gm.setText(share, 'beliefs.share', { share: probabilities[name] });
  for (const [language, text] of Object.entries(captions)) find(`[lang=${language}]`).textContent = text;
  element.dataset.believed = JSON.stringify({ stroke: drawing.stroke, probabilities, captions });
  return null;
}

// To screen readers, once the pen rests.
function say() {
  const { captions } = JSON.parse(element.dataset.believed || '{}');
  if (captions) gm.setText(status, 'beliefs.said', { sentence: captions[gm.language] });
}

document.addEventListener('gm-stroke', ({ detail, target }) => {
  if (!target.closest('#' + root.dataset.pad)) return;
  gm.setWords(error, '');
  if (!detail) {  // what is shown instead comes as the value
    if (drawing) drawing.context = null;
    return;
  }
  drawing = { ...(drawing || {}), context: detail.context, stroke: detail.number };
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    if (!drawing || !drawing.context) return;  // by now it is at rest
    drawing.levels = gm.frameInk(drawing.context);
    if (drawing.levels) describe();
  });
});

// ---- The board

function createTile(i) {
  const tile = document.createElement('button'), canvas = document.createElement('canvas');
  tile.type = 'button';
  tile.tabIndex = i ? -1 : 0;
  canvas.className = 'gm-pixelated gm-colored';
  tile.append(canvas);
  tile.addEventListener('click', () => {
    const image = document.createElement('canvas'), [, height, width] = board.shape;
    const levels = gm.imageAt(board.bytes, board.shape, i);
    gm.paint(image, levels, width, height);
    document.dispatchEvent(new CustomEvent('gm-example', { detail: { image, levels, isPiece: false } }));
    document.getElementById(root.dataset.pad).scrollIntoView({ block: 'nearest' });  // far above it on a phone
  });
  return tile;
}

grid.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ROW, ArrowDown: ROW }[event.key];
  const from = tiles.indexOf(document.activeElement), to = tiles[from + step];
  if (!step || !to) return;
  event.preventDefault();
  tiles[from].tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
});

function setBoard(given) {
  board = { ...given, bytes: gm.decodeBase64(given.pixels) };
  tiles = board.labels.map((_, i) => createTile(i));
  grid.replaceChildren(...tiles);
  gm.setText(find('.gm-belief-source'), given.source === 'test' ? 'beliefs.test' : 'beliefs.drawn');
  tiles.forEach((_, i) => paintTile(i, null));
  colorBoard();
}

// The ink of a tile: white where nothing is believed, the class's color where the model is sure.
function paintTile(i, probabilities) {
  const pixels = gm.imageAt(board.bytes, board.shape, i), [, height, width] = board.shape;
  const name = probabilities && best(probabilities), chance = 1 / COLORS.length;
  const sure = probabilities ? (probabilities[name] - chance) / (1 - chance) : 0;
  const ink = [0, 1, 2].map((c) => (probabilities ? WHITE + sure * (COLORS[name][c] - WHITE) : WHITE));
  const colored = new Uint8ClampedArray(3 * pixels.length);
  pixels.forEach((level, k) => colored.set(ink.map((part) => part * level / 255), 3 * k));
  gm.paint(tiles[i].firstChild, colored, width, height);
  const values = { label: board.labels[i], name, share: probabilities ? probabilities[name] : 0 };
  for (const attribute of ['aria-label', 'title']) {
    gm.setText(tiles[i], probabilities ? 'beliefs.tile' : 'beliefs.tile.plain', values, attribute);
  }
  tiles[i].classList.toggle('gm-belief-wrong', Boolean(probabilities) && name !== board.labels[i]);
  return { name, share: values.share };
}

// A row of tiles per frame of the screen.
async function colorBoard() {
  const mine = ++painting, found = [];
  delete element.dataset.board;
  if (!describer) return null;
  for (let i = 0; i < tiles.length; i++) {
    if (i % ROW === 0) await new Promise(requestAnimationFrame);
    if (mine !== painting) return null;
    found.push(paintTile(i, softmax(describer.logits(gm.imageAt(board.bytes, board.shape, i)))));
  }
  const right = found.filter(({ name }, i) => name === board.labels[i]).length;
  const share = found.reduce((sum, one) => sum + one.share, 0) / found.length;
  gm.setText(find('.gm-belief-count'), 'beliefs.count', { right, n: found.length, share });
  element.dataset.board = JSON.stringify({ source: board.source, believed: found.map(({ name }) => name) });
  return null;
}

find('.gm-belief-legend').append(...COLORS.map((color, name) => {
  const swatch = document.createElement('span');
  swatch.style.background = `rgb(${color})`;
  swatch.textContent = name;
  return swatch;
}));

// ---- What the server sends

async function load(model) {
  loaded = model;
  describer = null;
  const found = await gm.engine.loadDescriber(model);
  if (loaded !== model) return;
  describer = found;
  root.dataset.shownModel = model;
  if (!found) gm.setText(error, 'beliefs.none');
  gm.setText(find('.gm-belief-told'), 'beliefs.told', props.value.told);
  colorBoard();
  describe();
  say();
}

// Test digits, where the server has them, take the place of those that come with the page.
async function fetchBoard() {
  const model = loaded, { value } = await server.read_typed({ model }).catch(() => ({}));
  if (value && model === loaded) setBoard(value);
}

function show() {
  const value = props.value || {};
  gm.setWords(error, value.words || '');
  if (value.model && value.model !== loaded) load(value.model);
  if (drawing && drawing.context && value.image && value.stroke !== drawing.stroke) return;  // the pen has gone on
  drawing = value.image ? { levels: gm.decodeBase64(value.image.pixels), stroke: value.stroke } : null;
  describe();
  say();
}

gm.offer(element, () => (drawing && drawing.levels && {
  title: { key: 'classify.drawing' }, file: 'drawing',
  sheet: { pixels: drawing.levels, shape: [1, gm.INK_SIDE, gm.INK_SIDE], columns: 1, scale: 8 },
}));
watch('value', show);
setBoard(props.value.board);
show();
gm.whenListening(fetchBoard);
