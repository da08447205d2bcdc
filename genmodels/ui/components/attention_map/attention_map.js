const find = (selector) => element.querySelector(selector);
const root = find('.gm-attention'), pad = find('.gm-attention-pad'), loading = find('.gm-loading');
const [blockBox, headBox] = ['blocks', 'heads'].map((name) => find(`.gm-attention-${name} .gm-attention-tiles`));
const IMAGES = 10;
const INK = 0.45;  // how much of the picture shows through what it is colored by
const SHEET_SCALE = 8;  // screen pixels per image pixel in a file
let drawn = null, blocks = [];  // pictures of each model, { bytes, shape }; of each block bytes, shape and size
let index = 0, chosen = 0, at = [0.5, 0.5];  // a picture, a block, and where on the picture as shares of its size
let loads = 0, asked = 0;  // how often pictures, and the attention of one, were asked for
let of = null;  // what the pictures are of: { models, seed }

const picture = () => gm.imageAt(drawn[0].bytes, drawn[0].shape, index);
const imageSize = () => drawn[0].shape.slice(1);
const patchOf = ({ size: [rows, columns] }) => [Math.floor(at[1] * rows), Math.floor(at[0] * columns)];

// What share of its attention the patch in sight gives each patch of a block, by a head; without one their mean.
function shares({ bytes, shape: [heads], size: [rows, columns] }, [row, column], head = null) {
  const places = rows * columns, found = new Float32Array(places);
  const used = head === null ? Array.from({ length: heads }, (_, k) => k) : [head];
  for (const k of used) {
    const from = (k * places + row * columns + column) * places, own = bytes.subarray(from, from + places);
    const total = own.reduce((a, b) => a + b, 0) * used.length;
    own.forEach((value, i) => { found[i] += value / total; });
  }
  return found;
}

// Of the attention, how much stays on the patch and those that touch it.
function nearby(values, [rows, columns], [row, column]) {
  let sum = 0;
  values.forEach((value, i) => {
    const dy = Math.abs(Math.floor(i / columns) - row), dx = Math.abs(i % columns - column);
    if (dy <= 1 && dx <= 1) sum += value;
  });
  return sum;
}

// The picture, uint8 in color, under the heat of shares by patches.
function colored(values, [rows, columns]) {
  const [height, width] = imageSize(), gray = picture(), bytes = new Uint8Array(3 * width * height);
  const colors = Array.from(values, (value) => gm.heatColor(value / Math.max(...values)));
  gray.forEach((level, i) => {
    const row = Math.floor(Math.floor(i / width) * rows / height), column = Math.floor(i % width * columns / width);
    colors[row * columns + column].forEach((heat, c) => { bytes[3 * i + c] = heat + (255 - heat) * INK * level / 255; });
  });
  return bytes;
}

// ---- What is shown

function frame([rows, columns], [row, column]) {
  gm.setText(find('.gm-attention-place'), 'attention.place', { row: row + 1, column: column + 1, rows, columns });
  const box = find('.gm-attention-frame');
  box.hidden = false;
  Object.assign(box.style, { left: `${100 * column / columns}%`, width: `${100 / columns}%`,
    top: `${100 * row / rows}%`, height: `${100 / rows}%` });
}

function paint() {
  if (!blocks.length) return;
  const [height, width] = imageSize(), block = blocks[chosen];
  frame(block.size, patchOf(block));
  blocks.forEach((one, i) => {
    const values = shares(one, patchOf(one)), tile = blockBox.children[i];
    gm.paint(tile.querySelector('canvas'), colored(values, one.size), width, height);
    gm.setText(tile.querySelector('.gm-attention-near'), 'attention.near',
      { share: nearby(values, one.size, patchOf(one)) });
    tile.setAttribute('aria-pressed', i === chosen);
  });
  [...headBox.children].forEach((tile, k) => (
    gm.paint(tile.querySelector('canvas'), colored(shares(block, patchOf(block), k), block.size), width, height)));
}
const schedule = gm.framesFor(element, paint);

function say() {
  const block = blocks[chosen], [row, column] = patchOf(block), values = shares(block, [row, column]);
  const most = values.indexOf(Math.max(...values)), columns = block.size[1];
  gm.setText(find('.gm-attention-status'), 'attention.status', { row: row + 1, column: column + 1, block: chosen + 1,
    to_row: Math.floor(most / columns) + 1, to_column: most % columns + 1, share: values[most] });
}

function tileOf(kind, key, values) {
  const tile = document.createElement(kind), canvas = document.createElement('canvas'), name = document.createElement('span');
  tile.className = 'gm-attention-tile';
  gm.setText(name, key, values);
  tile.append(canvas, name);
  return tile;
}

function createHeads() {
  const { shape: [heads], size: [rows, columns] } = blocks[chosen];
  gm.setText(find('.gm-attention-heads h3'), 'attention.heads', { number: chosen + 1, rows, columns });
  headBox.replaceChildren(...Array.from({ length: heads }, (_, k) => tileOf('div', 'attention.head', { number: k + 1 })));
}

function createBlocks() {
  chosen = Math.min(chosen, blocks.length - 1);
  blockBox.replaceChildren(...blocks.map((_, i) => {
    const tile = tileOf('button', 'attention.block', { number: i + 1 });
    const near = document.createElement('span');
    near.className = 'gm-attention-near';
    tile.append(near);
    tile.type = 'button';
    tile.addEventListener('click', () => {
      chosen = i;
      createHeads();
      schedule();
      say();
    });
    return tile;
  }));
  createHeads();
}

// ---- Where the visitor points

function point(x, y) {
  at = [x, y].map((share) => Math.min(1 - 1e-6, Math.max(0, share)));
  schedule();
}
for (const kind of ['pointerdown', 'pointermove']) {
  pad.addEventListener(kind, ({ clientX, clientY }) => {
    const box = pad.getBoundingClientRect();
    point((clientX - box.left) / box.width, (clientY - box.top) / box.height);
  });
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
pad.addEventListener('keydown', (event) => {
  if (!blocks.length || !(event.key in MOVES) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const { size: [rows, columns] } = blocks[chosen], [row, column] = patchOf(blocks[chosen]), [dx, dy] = MOVES[event.key];
  point((column + dx + 0.5) / columns, (row + dy + 0.5) / rows);
  say();
});

// ---- The pictures

// On a stroke, where there is most to see.
function brightest() {
  const [height, width] = imageSize(), gray = picture(), i = gray.indexOf(Math.max(...gray));
  at = [(i % width + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
}

async function select(i) {
  const { models: [{ name }], seed } = of, mine = ++asked;
  index = i;
  root.querySelectorAll('.gm-attention-choice').forEach((tile) => (
    tile.setAttribute('aria-pressed', Number(tile.dataset.index) === i)));
  const answer = await gm.fetchImages('attention', [{ model: name, seed, index }]);
  if (mine !== asked) return;
  gm.setWords(find('.gm-error'), answer.error || '');
  if (answer.error) return;
  blocks = answer.images.map((image) => ({ ...image, size: image.shape.slice(1, 3) }));
  brightest();
  const [height, width] = imageSize();
  gm.paint(find('.gm-attention-image'), picture(), width, height);
  createBlocks();
  schedule();
  root.inert = false;
  root.dataset.shownModel = name;
  root.dataset.shown = `${seed}-${index}`;
}

function createRows() {
  const [height, width] = imageSize();
  root.style.setProperty('--image-aspect', `${width} / ${height}`);
  gm.setText(find('.gm-attention-noise h3'), drawn.length > 1 ? 'attention.noise' : 'attention.choose');
  find('.gm-attention-rows').replaceChildren(...drawn.flatMap(({ bytes, shape }, row) => {
    const name = document.createElement('span');
    gm.setWords(name, of.models[row].title);
    return [name, ...Array.from({ length: IMAGES }, (_, i) => {
      const tile = document.createElement('button'), canvas = document.createElement('canvas');
      Object.assign(tile, { className: 'gm-attention-choice', type: 'button' });
      tile.dataset.index = i;
      gm.setText(tile, 'attention.tile', { number: i + 1, title: of.models[row].title }, 'aria-label');
      gm.paint(canvas, gm.imageAt(bytes, shape, i), width, height);
      tile.append(canvas);
      tile.addEventListener('click', () => select(i).then(() => boundIndex.changed()));
      return tile;
    })];
  }));
}

async function load() {
  if (!props.value) return;
  const value = props.value, mine = ++loads;
  const calls = value.models.map(({ name }) => (
    { model: name, count: IMAGES, seed: value.seed, truncation: 1, category: -1 }));
  const answer = await gm.fetchImages('sample', calls);
  if (mine !== loads) return;
  loading.hidden = true;
  gm.setWords(find('.gm-error'), answer.error || '');
  if (answer.error) return;
  of = value;
  drawn = answer.images;
  createRows();
  await select(index);
}

const boundIndex = gm.state.bind('index', root, () => index, (value) => {
  if (value >= IMAGES) return;
  if (of) select(value);
  else index = value;
}, 0);

gm.offer(element, () => (blocks.length && {
  title: { key: 'attention.blocks' }, file: `${of.models[0].name}-seed-${of.seed}-image-${index + 1}-attention`,
  sheet: { columns: 3, scale: SHEET_SCALE, shape: [blocks.length, ...imageSize(), 3],
    pixels: Uint8Array.from(blocks.flatMap((one) => [...colored(shares(one, patchOf(one)), one.size)])) },
}));
gm.paintHeatLegend(find('.gm-attention-scale'));
watch('value', load);
load();
