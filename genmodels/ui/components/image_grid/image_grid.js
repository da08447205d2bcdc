const root = element.querySelector('.gm-image-grid');
const grid = root.querySelector('.gm-grid');
const error = root.querySelector('.gm-error');
const selectable = root.dataset.selectable === '1';
const SHEET_SCALE = 8;  // screen pixels per image pixel in a file
const SETTLE_MS = 200;  // without slider input before the images are generated at full precision
const QUICK_MS = 100;  // in which the page draws all images: then the server is not asked, however quick it is
const cells = [], visible = new Set();  // visible: the cells on screen
let selected = -1, shape = null, pixels = null, columns = 1, request = null, settleTimer = null;
let truncation = null;  // where the slider was moved to
let page = null;  // what the page draws the images of a request with: { of: request, grid, latents }, the last two later
let answered = null;  // how the server last answered to this request: { ms, others }

const watchCells = new IntersectionObserver((entries) => {
  entries.forEach(({ target, isIntersecting }) => { visible[isIntersecting ? 'add' : 'delete'](target); });
});

function createCell() {
  const cell = document.createElement(selectable ? 'button' : 'div');
  if (selectable) cell.type = 'button';
  else cell.setAttribute('role', 'img');
  cell.className = 'gm-cell';
  cell.append(document.createElement('canvas'));
  watchCells.observe(cell);
  return cell;
}

// Roving tabindex: Tab stops at one cell, arrow keys move on from there.
function updateSelection(tabStop) {
  cells.forEach((cell, i) => {
    cell.classList.toggle('gm-selected', i === selected);
    if (selectable) {
      cell.tabIndex = i === Math.max(0, tabStop) ? 0 : -1;
      cell.setAttribute('aria-pressed', i === selected);
    }
  });
}

function paint(newPixels, newShape) {
  const [n, h, w] = newShape;
  if (!shape || shape[1] !== h || shape[2] !== w) grid.style.setProperty('--image-aspect', w + ' / ' + h);
  [pixels, shape] = [newPixels, newShape];
  for (let i = 0; i < n; i++) gm.paint(cells[i].firstChild, gm.imageAt(pixels, shape, i), w, h);
}

// ---- Images that follow a slider: drawn by the page, until it is ready for that, and where it is not, by the server

const requestImages = gm.streamRequests('sample', ({ now }) => now, (answer, { of }) => {
  if (of !== request) return;  // the component has a new value since
  answered = answer.error ? { ms: Infinity } : answer;
  if (isReady()) {  // now
    draw();
    return;
  }
  gm.setWords(error, answer.error || '');
  if (answer.error) return;
  paint(answer.bytes, answer.shape);
});

// Whether the page draws the images: it can, and is quick enough, or else asked the server once, which was not quicker
// or has others who wait for it.
function isReady() {
  if (!page || page.of !== request || !page.latents) return false;
  const ms = page.grid.ms * cells.length;
  const isBetter = ms <= QUICK_MS || Boolean(answered && (answered.ms >= ms || answered.others > 0));
  element.dataset.engine = isBetter ? 'page' : 'server';
  return isBetter;
}

// Fetch what the page needs to draw the images itself, once for each value of the component.
async function prepare() {
  if (!request || (page && page.of === request)) return;
  const mine = page = { of: request };
  const grid = await gm.engine.loadGrid(request.model);
  const latents = grid && await gm.fetchLatents(mine.of, grid.plan.dim).catch(() => null);
  if (!latents || mine.of !== request) return;
  Object.assign(mine, { grid, latents });
  if (isReady() && truncation !== null) draw();  // the server's answers that are under way count no more
}

function draw() {
  const { of, grid, latents } = page, { editable, height: h, width: w } = grid.plan;
  const rows = latents.rows.map((row) => {
    const z = row.slice();
    editable.forEach((column) => { z[column] *= of.truncation; });
    return z;
  });
  const order = [...cells.keys()].sort((a, b) => visible.has(cells[b]) - visible.has(cells[a]));
  clearTimeout(settleTimer);
  gm.setWords(error, '');
  grid.draw(rows, latents.categories, order, (i, image) => {
    if (of !== request) return;
    pixels.set(image, i * image.length);
    gm.paint(cells[i].firstChild, image, w, h);
  });
}

const formatNumber = (value) => gm.number(value, Number.isInteger(value) ? '.0f' : '.2f');

function showHeadings(value) {
  grid.querySelectorAll('.gm-heading').forEach((heading) => heading.remove());
  if (!value.values) return;
  value.values.slice().reverse().forEach((text) => {
    const heading = document.createElement('span');
    heading.className = 'gm-heading';
    gm.setWords(heading, value.headings ? value.headings[value.values.indexOf(text)] : formatNumber(text));
    grid.prepend(heading);
  });
}

function clear() {
  cells.splice(0).forEach((cell) => cell.remove());
  [selected, request] = [-1, null];
  delete root.dataset.shownModel;
}

function show() {
  const value = props.value;
  if (!value || !value.pixels) return clear();
  const n = value.shape[0];
  request = value.request && { ...value.request };
  answered = null;
  const model = value.model || (request && request.model);
  if (model) root.dataset.shownModel = model;
  element.dataset.engine = 'server';
  columns = value.columns || Math.max(1, Math.ceil(Math.sqrt(n)));
  grid.style.setProperty('--columns', columns);
  grid.style.setProperty('--rows', Math.ceil(n / columns));
  while (cells.length < n) { cells.push(createCell()); grid.append(cells[cells.length - 1]); }
  while (cells.length > n) {
    const cell = cells.pop();
    watchCells.unobserve(cell);
    visible.delete(cell);
    cell.remove();
  }
  selected = Math.min(selected, n - 1);
  paint(gm.decodeBase64(value.pixels), value.shape);
  cells.forEach((cell, i) => gm.setWords(cell, value.words.alt[i], 'aria-label'));
  showHeadings(value);
  gm.setWords(error, '');
  updateSelection(selected);
  bound.arrived();
  refresh();
}

const bound = gm.state.bind(selectable ? 'index' : null, element, () => selected, (index) => {
  selected = Math.min(index, cells.length - 1);
  updateSelection(selected);
}, 0);

if (selectable) {
  grid.addEventListener('click', (event) => {
    const index = cells.indexOf(event.target.closest('.gm-cell'));
    if (index < 0) return;
    selected = index;
    updateSelection(index);
    bound.changed();
  });
  grid.addEventListener('keydown', (event) => {
    const from = cells.indexOf(document.activeElement);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (from < 0 || step === undefined) return;
    event.preventDefault();
    const to = Math.min(cells.length - 1, Math.max(0, from + step));
    updateSelection(to);
    cells[to].focus();
  });
}
const fileName = () => props.value.file || root.dataset.name;
gm.offer(element, () => (pixels && {
  title: { key: root.dataset.label }, file: fileName(), sheet: { pixels, shape, columns, scale: SHEET_SCALE },
  latents: props.value.latents && (async () => {
    const { action, call } = props.value.latents, moved = request && { truncation: request.truncation };
    return { model: call.model, rows: await gm.fetchRows(action, { ...call, ...moved }) };
  }),
}));

// Make the images anew if the slider differs from the value that they were made with. Also called after a new value: the
// slider may have moved on while it was computed.
function refresh() {
  if (!request || truncation === null || request.truncation === truncation) return;
  prepare();
  request.truncation = truncation;
  if (isReady()) {
    draw();
    return;
  }
  requestImages({ now: { ...request, preview: true }, of: request });
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => requestImages({ now: { ...request }, of: request }), SETTLE_MS);
}
document.addEventListener('gm-slider-touch', ({ detail }) => { if (detail.name === 'truncation') prepare(); });
document.addEventListener('gm-slider-input', ({ detail }) => {
  if (detail.name !== 'truncation') return;
  truncation = detail.value;
  refresh();
});
document.addEventListener('gm-language', () => { if (props.value) showHeadings(props.value); });
watch('value', show);
show();
