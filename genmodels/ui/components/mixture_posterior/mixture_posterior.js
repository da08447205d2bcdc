const find = (selector) => element.querySelector(selector);
const plane = find('.gm-mixture-plane'), canvas = plane.querySelector('canvas');
const width = find('.gm-range'), output = find('output'), verdict = find('.gm-study-verdict'), table = find('tbody');
const fit = gm.components.mixture_fit();
const EXTENT = 3;  // of the plane
const HEAT_SIDE = 72, FULL_HEAT = Math.LN2;  // cells along each side; nats of the brightest: the most that two labels cost
const SLICE_MS = 8;  // of a frame, for fitting
const SETTLE_MS = 700;  // without a change, before the result is read out
const ALIKE = 0.002;  // nats that count as nothing
const MARKS = { likelihood: ['#7fd4ff', [[-1, 0, 1, 0], [0, -1, 0, 1]]], elbo: ['#ffd166', [[-1, -1, 1, 1], [-1, 1, 1, -1]]] };
const PRESETS = {
  triangle: [[0, -0.27], [-0.57, -0.84], [0.57, -0.84], [0, 0.87]],
  rectangle: [[-1.5, -1], [-1.5, 1], [1.5, -1], [1.5, 1]],
  row: [[-2.1, 0], [-0.7, 0], [0.7, 0], [2.1, 0]],
};
let centers = [], fitted = null, changes = 0, busy = false, settleTimer = null;

// ---- The plane

const toPlace = ([x, y]) => [(x / EXTENT + 1) / 2, (1 - y / EXTENT) / 2];
const clamp = (value) => Math.min(EXTENT, Math.max(-EXTENT, value));

// KL(q || posterior) at each place, where the model expects points; darker where it does not.
function heatOf(model) {
  const heat = document.createElement('canvas');
  heat.width = heat.height = HEAT_SIDE;
  const context = heat.getContext('2d'), pixels = context.createImageData(HEAT_SIDE, HEAT_SIDE);
  for (let i = 0; i < HEAT_SIDE * HEAT_SIDE; i++) {
    const x = ((i % HEAT_SIDE + 0.5) / HEAT_SIDE * 2 - 1) * EXTENT;
    const y = (1 - (Math.floor(i / HEAT_SIDE) + 0.5) / HEAT_SIDE * 2) * EXTENT;
    const cost = Math.min(1, fit.gapAt(x, y, model) / FULL_HEAT);
    const density = model.centers.reduce((sum, [a, b]) => (
      sum + Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * model.std ** 2))), 0);
    const light = 0.25 + 0.75 * Math.min(1, density);
    pixels.data.set([30 + 225 * cost * light, 26 + 70 * light * (1 - cost), 60 + 90 * light * (1 - cost), 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return heat;
}

function drawCross(context, [x, y], [color, lines], label) {
  const unit = canvas.width / canvas.clientWidth, [left, top] = toPlace([x, y]).map((share) => share * canvas.width);
  for (const [style, thick] of [['#000', 5], [color, 2.5]]) {
    Object.assign(context, { strokeStyle: style, lineWidth: thick * unit, lineCap: 'round' });
    context.beginPath();
    for (const [x0, y0, x1, y1] of lines) {
      context.moveTo(left + 7 * unit * x0, top + 7 * unit * y0);
      context.lineTo(left + 7 * unit * x1, top + 7 * unit * y1);
    }
    context.stroke();
  }
  if (!label) return;
  Object.assign(context, { font: [14 * unit + 'px', 'monospace'].join(' '), fillStyle: color, lineWidth: 3 * unit,
    strokeStyle: '#000' });
  context.strokeText(label, left + 10 * unit, top - 8 * unit);
  context.fillText(label, left + 10 * unit, top - 8 * unit);
}

function draw() {
  const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  if (!side) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext('2d'), shown = find('input[type=radio]:checked').value;
  context.clearRect(0, 0, side, side);
  if (!fitted) return;
  if (fitted.heat.of !== shown) fitted.heat = { of: shown, canvas: heatOf(fitted[shown]) };
  context.drawImage(fitted.heat.canvas, 0, 0, side, side);
  for (const kind of ['likelihood', 'elbo']) {
    const label = (z) => (kind === shown ? '' + (z >> 1) + (z & 1) : '');
    fitted[kind].centers.forEach((center, z) => drawCross(context, center, MARKS[kind], label(z)));
  }
}

// ---- The numbers

const signed = (value, digits) => (value < 0 ? '\u2212' : '') + gm.number(Math.abs(value), `.${digits}f`);
const ROWS = [['mixture.log_likelihood', 'logLikelihood', 3], ['mixture.gap', 'gap', 3], ['mixture.bound', 'elbo', 3],
  ['mixture.width', 'std', 2]];

function showNumbers() {
  const { likelihood, elbo } = fitted;
  table.replaceChildren(...ROWS.map(([key, field, digits]) => {
    const row = document.createElement('tr'), name = document.createElement('th');
    name.scope = 'row';
    gm.setText(name, key);
    row.append(name, ...[likelihood, elbo].map((model) => {
      const cell = document.createElement('td');
      cell.textContent = signed(Math.abs(model[field]) < 5e-4 ? 0 : model[field], digits);
      return cell;
    }));
    return row;
  }));
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    const lost = likelihood.logLikelihood - elbo.logLikelihood, gain = likelihood.gap - elbo.gap;
    const kind = gain < ALIKE ? 'same' : lost < ALIKE ? 'labels' : 'traded';
    gm.setText(verdict, { same: 'mixture.same', labels: 'mixture.labels', traded: 'mixture.traded' }[kind], { lost, gain });
  }, verdict.textContent ? SETTLE_MS : 0);
}

// Fits the latest centers; while it is at work, what comes between is left out.
async function refit() {
  if (busy) return;
  busy = true;
  for (let done = -1; done !== changes;) {
    done = changes;
    const of = { centers: centers.map((center) => [...center]), std: Number(width.value) };
    let end = performance.now() + SLICE_MS;
    const models = await fit.compare(of.centers, of.std, async () => {
      if (performance.now() < end) return true;
      await new Promise((next) => setTimeout(next));
      end = performance.now() + SLICE_MS;
      return true;
    });
    fitted = { ...models, heat: {} };
    draw();
    showNumbers();
    element.dataset.fitted = JSON.stringify({ ...of, ...models });
  }
  busy = false;
}

// ---- What the visitor does

const handles = PRESETS.triangle.map((_, index) => {
  const handle = document.createElement('button');
  Object.assign(handle, { type: 'button', className: 'gm-mixture-handle' });
  plane.append(handle);
  const moveTo = (x, y) => {
    centers[index] = [clamp(x), clamp(y)];
    change();
  };
  handle.addEventListener('pointerdown', (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener('lostpointercapture', () => bound.changed());
  handle.addEventListener('pointermove', (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = plane.getBoundingClientRect();
    moveTo(((event.clientX - box.left) / box.width * 2 - 1) * EXTENT,
      (1 - (event.clientY - box.top) / box.height * 2) * EXTENT);
  });
  handle.addEventListener('keydown', (event) => {
    const size = event.shiftKey ? 0.5 : 0.1, [x, y] = centers[index];
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by) return;
    event.preventDefault();
    moveTo(x + by[0] * size, y + by[1] * size);
    bound.changed();
  });
  return handle;
});

function change() {
  handles.forEach((handle, index) => {
    const [left, top] = toPlace(centers[index]), [x, y] = centers[index];
    handle.style.left = 100 * left + '%';
    handle.style.top = 100 * top + '%';
    gm.setText(handle, 'mixture.handle', { number: index + 1, x, y }, 'aria-label');
  });
  output.textContent = gm.number(Number(width.value), '.2f');
  changes++;
  refit();
}
function choose(name) {
  centers = PRESETS[name].map((center) => [...center]);
  change();
}
element.querySelectorAll('[data-preset]').forEach((button) => (
  button.addEventListener('click', () => {
    choose(button.dataset.preset);
    bound.changed();
  })));
width.addEventListener('input', change);
width.addEventListener('change', () => bound.changed());
element.querySelectorAll('input[type=radio]').forEach((radio) => radio.addEventListener('change', draw));
document.addEventListener('gm-language', () => { if (fitted) change(); });
new ResizeObserver(draw).observe(canvas);
choose('triangle');

// In the page's state: the width, then the centers, rounded as the address holds them.
const rounded = (value) => Math.round(value * 1000) / 1000;
const bound = gm.state.bind('clouds', element, () => [Number(width.value), ...centers.flat()].map(rounded), (wish) => {
  if (wish.length !== 1 + 2 * centers.length) return;
  width.value = wish[0];
  centers = centers.map((_, i) => wish.slice(1 + 2 * i, 3 + 2 * i).map(clamp));
  change();
});
