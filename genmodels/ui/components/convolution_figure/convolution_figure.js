const find = (selector) => element.querySelector(selector);
const root = find('.gm-convolution'), play = find('.gm-convolution-play'), status = find('.gm-convolution-step');
const [inputBox, kernelBox, outputBox] = ['input', 'kernel', 'output'].map((name) => find(`.gm-convolution-${name}`));
const kinds = [...element.querySelectorAll('[type=radio]')], sliders = [...element.querySelectorAll('.gm-range')];
const STEP_MS = 900;
const CELL = { least: 11, most: 64 };  // pixels
// Pixels: below a figure; between figures; a width on which the kernel has a row of its own.
const CAPTION = 24, GAP = 28, NARROW = 560;
const still = window.matchMedia('(prefers-reduced-motion: reduce)');
// Small numbers, so that sums can be followed by eye.
const VALUES = [2, 0, 1, 3, 1, 2, 0, 1, 1, 3, 0, 2, 1, 0, 2, 1, 3], WEIGHTS = [1, 0, 2, 1, 1, 0, 2, 1, 0, 1, 2];
const FIRST = 'convolution-5-3-2-1-1';

let kind = 'convolution', size = {};  // i, k, s, p, d
let layout = null, at = 0;  // the step that is shown
let isPlaying = !still.matches, timer = null;

// ---- Sizes

// Both kinds connect a large grid, with its margin of p, and a small one: each place of the small one with a window of
// the large one. The large one's side is that of the input of a convolution, of the output of a transposed one.
function layOut() {
  const { i, k, s, p, d } = size, reach = d * (k - 1) + 1;
  const isTransposed = kind === 'transposed';
  const large = isTransposed ? (i - 1) * s + reach : i + 2 * p;  // with its margin
  const small = isTransposed ? i : Math.floor((large - reach) / s) + 1;
  const inner = large - 2 * p;
  layout = { large, small, inner, isTransposed, output: isTransposed ? inner : small,
    isPossible: isTransposed ? inner > 0 : large >= reach, steps: Math.max(0, small) ** 2 };
  at = Math.min(at, Math.max(0, layout.steps - 1));
}

const isMargin = (x, y) => Math.min(x, y) < size.p || Math.max(x, y) >= layout.large - size.p;
const weightAt = (x, y) => WEIGHTS[(y * size.k + x) % WEIGHTS.length];
const inputAt = (x, y) => VALUES[(5 * y + x) % VALUES.length];
const largeInput = (x, y) => (isMargin(x, y) ? 0 : inputAt(x - size.p, y - size.p));
const placeOf = (step) => [step % layout.small, Math.floor(step / layout.small)];

// The places of the large grid that a step reads or writes, with the kernel's weight for each.
function windowOf(step) {
  const [x, y] = placeOf(step), { k, s, d } = size, found = [];
  for (let v = 0; v < k; v++) for (let u = 0; u < k; u++) found.push([x * s + u * d, y * s + v * d, weightAt(u, v)]);
  return found;
}

// What the output holds after the shown step, by place of its grid.
function outputs() {
  const { large, small, isTransposed } = layout, side = isTransposed ? large : small, sums = new Map();
  for (let step = 0; step <= at; step++) {
    const [x, y] = placeOf(step), places = windowOf(step);
    if (isTransposed) {
      for (const [u, v, weight] of places) {
        sums.set(v * side + u, (sums.get(v * side + u) || 0) + weight * inputAt(x, y));
      }
    } else {
      sums.set(step, places.reduce((sum, [u, v, weight]) => sum + weight * largeInput(u, v), 0));
    }
  }
  return sums;
}

// ---- Drawing

function gridOf(side, cell, describe) {
  const parts = [];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const { text = '', kind: name = '' } = describe(x, y);
      parts.push(`<g class="${name}"><rect x="${x * cell + 1}" y="${y * cell + 1}" width="${cell - 2}" height="${cell - 2}"`
        + ` rx="2"></rect><text x="${(x + 0.5) * cell}" y="${(y + 0.5) * cell}">${text}</text></g>`);
    }
  }
  return '<svg' + ` width="${side * cell}" height="${side * cell}" font-size="${Math.max(9, Math.min(30, 0.5 * cell))}"`
    + ` aria-hidden="true">${parts.join('')}</svg>`;
}

function cellSize() {
  const { large, small } = layout, width = root.clientWidth, isNarrow = width < NARROW;
  const cells = large + small + (isNarrow ? 0 : size.k), room = width - (isNarrow ? GAP : 2 * GAP);
  const tall = (parseFloat(getComputedStyle(find('.gm-convolution-figure')).minHeight) - CAPTION) / large;
  return Math.max(CELL.least, Math.floor(Math.min(CELL.most, room / cells, tall)));
}

function draw() {
  if (!root.clientWidth) return;
  const { isTransposed, isPossible, large, small, output } = layout, { i, k, s, p, d } = size;
  root.toggleAttribute('data-impossible', !isPossible);
  gm.setText(find('.gm-convolution-formula'), `convolution.formula.${isPossible ? kind : 'impossible'}`,
    { i, k, s, p, d, o: output });
  play.disabled = find('.gm-convolution-next').disabled = !isPossible;
  if (!isPossible) {
    gm.setWords(status, '');
    return;
  }
  const cell = cellSize(), [px, py] = placeOf(at), places = windowOf(at), sums = outputs();
  const touched = new Set(places.map(([x, y]) => y * large + x));
  const largeKind = (x, y) => [isMargin(x, y) ? 'gm-margin' : '', touched.has(y * large + x) ? 'gm-now' : ''].join(' ');
  const smallKind = (x, y) => (x === px && y === py ? 'gm-now' : '');
  const shown = (key) => (sums.has(key) ? sums.get(key) : '');
  inputBox.firstChild.innerHTML = isTransposed
    ? gridOf(small, cell, (x, y) => ({ text: inputAt(x, y), kind: smallKind(x, y) }))
    : gridOf(large, cell, (x, y) => ({ text: largeInput(x, y), kind: largeKind(x, y) }));
  kernelBox.firstChild.innerHTML = gridOf(k, cell, (x, y) => ({ text: weightAt(x, y), kind: 'gm-weight' }));
  outputBox.firstChild.innerHTML = isTransposed
    ? gridOf(large, cell, (x, y) => ({ text: shown(y * large + x), kind: largeKind(x, y) }))
    : gridOf(small, cell, (x, y) => ({ text: shown(y * small + x), kind: smallKind(x, y) }));
  say(places, sums);
}

// While it plays, nothing is read out.
function say(places, sums) {
  const { isTransposed } = layout, [x, y] = placeOf(at);
  status.setAttribute('aria-live', isPlaying ? 'off' : 'polite');
  const terms = places.map(([u, v, weight]) => `${largeInput(u, v)}\u00b7${weight}`);
  gm.setText(status, `convolution.step.${kind}`, isTransposed
    ? { row: y + 1, column: x + 1, value: inputAt(x, y) }
    : { row: y + 1, column: x + 1, terms: terms.join(' + '), sum: sums.get(at) });
}

// ---- Time

function schedule() {
  clearTimeout(timer);
  gm.setText(play, isPlaying ? 'walk.pause' : 'walk.play');
  if (isPlaying && layout.isPossible && root.clientWidth) timer = setTimeout(() => go(1), STEP_MS);
}

function go(by) {
  at = layout.steps ? (at + by) % layout.steps : 0;
  draw();
  schedule();
}

play.addEventListener('click', () => {
  isPlaying = !isPlaying;
  draw();
  schedule();
});
find('.gm-convolution-next').addEventListener('click', () => {
  isPlaying = false;
  go(1);
});

// ---- Settings

function apply() {
  kinds.forEach((input) => { input.checked = input.value === kind; });
  for (const slider of sliders) {
    slider.value = size[slider.name];
    slider.parentElement.querySelector('output').textContent = size[slider.name];
  }
  layOut();
  draw();
  schedule();
}

const code = () => [kind, ...sliders.map(({ name }) => size[name])].join('-');

function setCode(text) {
  const [name, ...numbers] = text.split('-'), values = numbers.map(Number);
  const isRight = kinds.some(({ value }) => value === name) && values.length === sliders.length
    && values.every((value, n) => value >= Number(sliders[n].min) && value <= Number(sliders[n].max));
  if (!isRight) return;
  kind = name;
  size = Object.fromEntries(sliders.map((slider, n) => [slider.name, values[n]]));
  at = 0;
  apply();
}

setCode(FIRST);
const bound = gm.state.bind('view', root, code, setCode, FIRST);
element.addEventListener('input', ({ target }) => {
  if (target.type === 'radio') [kind, at] = [target.value, 0];
  else size[target.name] = Number(target.value);
  apply();
  bound.changed();
});
document.addEventListener('gm-again', () => {
  [at, isPlaying] = [0, !still.matches];
  apply();
});
new ResizeObserver(() => {
  draw();
  schedule();
}).observe(root);
