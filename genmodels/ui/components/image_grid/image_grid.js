const root = element.querySelector('.gm-image-grid');
const grid = root.querySelector('.gm-grid');
const download = root.querySelector('.gm-download'), error = root.querySelector('.gm-error');
const selectable = root.dataset.selectable === '1';
const SETTLE_MS = 200;  // without slider input before the images are generated at full precision
const cells = [], sliderValues = {};  // sliderValues: the latest by slider name
let selected = -1, shape = null, pixels = null, columns = 1, request = null, settleTimer = null;

function createCell() {
  const cell = document.createElement(selectable ? 'button' : 'div');
  if (selectable) cell.type = 'button';
  else cell.setAttribute('role', 'img');
  cell.className = 'gm-cell';
  cell.append(document.createElement('canvas'));
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
  for (let i = 0; i < n; i++) gm.paint(cells[i].firstChild, pixels.subarray(i * w * h, (i + 1) * w * h), w, h);
}

// Regenerates the images while a slider is dragged.
const requestImages = gm.streamRequests('sample', ({ now }) => now, (answer, { of }) => {
  if (of !== request) return;  // the component has a new value since
  gm.setWords(error, answer.error || '');
  if (answer.error) return;
  paint(answer.bytes, [answer.n, answer.h, answer.w]);
});

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
  delete root.dataset.model;
  download.disabled = true;
}

function show() {
  const value = props.value;
  if (!value || !value.pixels) return clear();
  const n = value.shape[0];
  request = value.request && { ...value.request };
  const model = value.model || (request && request.model);
  if (model) root.dataset.model = model;
  columns = value.columns || Math.max(1, Math.ceil(Math.sqrt(n)));
  grid.style.setProperty('--columns', columns);
  grid.style.setProperty('--rows', Math.ceil(n / columns));
  while (cells.length < n) { cells.push(createCell()); grid.append(cells[cells.length - 1]); }
  while (cells.length > n) cells.pop().remove();
  if (selected >= n) selected = -1;
  paint(gm.decodeBase64(value.pixels), value.shape);
  cells.forEach((cell, i) => gm.setWords(cell, value.words.alt[i], 'aria-label'));
  showHeadings(value);
  download.disabled = false;
  gm.setWords(error, '');
  updateSelection(selected);
  if (selected >= 0) trigger('select', { index: selected });  // another picture is there now
  bound.arrived();
  refresh();
}

function select(index) {
  selected = index;
  updateSelection(index);
  trigger('select', { index });
}
const bound = gm.state.bind(selectable ? 'index' : null, element, () => selected, (index) => {
  if (index < cells.length) select(index);
}, 0);

if (selectable) {
  grid.addEventListener('click', (event) => {
    const index = cells.indexOf(event.target.closest('.gm-cell'));
    if (index < 0) return;
    select(index);
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
download.addEventListener('click', () => {
  const [n, h, w] = shape;
  gm.downloadSheet(pixels, n, w, h, columns, 8, (props.value.file || root.dataset.name) + '.png');
});

// Request the images anew if a slider differs from the value that they were generated with. Also called after a new
// value: the slider may have moved on while it was computed.
function refresh() {
  if (!request) return;
  const moved = Object.keys(sliderValues).filter((name) => name in request && request[name] !== sliderValues[name]);
  if (!moved.length) return;
  moved.forEach((name) => { request[name] = sliderValues[name]; });
  requestImages({ now: { ...request, preview: true }, of: request });
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => requestImages({ now: { ...request }, of: request }), SETTLE_MS);
}
document.addEventListener('gm-slider-input', ({ detail: { name, value } }) => {
  sliderValues[name] = value;
  refresh();
});
document.addEventListener('gm-language', () => { if (props.value) showHeadings(props.value); });
watch('value', show);
show();
