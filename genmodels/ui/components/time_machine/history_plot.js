// The losses of a run over its steps: thin lines as computed for one batch each, bold their running mean. Axes are linear,
// but for that of the steps where it is asked to be logarithmic.
//
// history_plot(figure, seek): the figure gets an SVG and a legend in which each loss can be left out; seek(step) is called
// where a pointer moves on the plot.
const figure = element, seek = props;
const LEFT = 54, RIGHT = 10, TOP = 8, BOTTOM = 40, TICK = 4, NEAR = 5;  // pixels: NEAR on each side for the mean
const MAX_GAP = 20;  // points without a value that a line goes on across; the penalties are computed in every fourth step
const CUT = 0.98, PLACES = 250;  // share of its width in which the plot is high enough, looked at in so many places
const COLORS = 8;
const svg = gm.svg('svg', { role: 'img', class: 'gm-history-plot' }), legend = document.createElement('ul');
const note = document.createElement('p');
legend.className = 'gm-history-legend';
note.className = 'gm-note gm-history-cut';
figure.append(svg, legend, note);
const keys = new Map();  // by loss: { box, output, row }
let data = null, last = 1, isLog = true, title = '', lines = [], cursor = null, marked = 1, drawnAs = '', x = null, width = 0;

const isShown = (name) => keys.get(name).box.checked;
const lastAt = (steps, step) => {  // index of the last of the steps that is not after this one, or -1
  let low = -1, high = steps.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low;
};

function word(value) {
  if (value === undefined) return '\u2013';
  const size = Math.abs(value), digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return gm.number(value, `.${digits}f`);
}

// ---- The legend

function addKey(name) {
  const row = document.createElement('li'), label = document.createElement('label'), means = document.createElement('span');
  const [box, code, output] = ['input', 'code', 'output'].map((tag) => document.createElement(tag));
  const swatch = gm.svg('svg', { class: 'gm-history-swatch', width: 26, height: 10, 'aria-hidden': 'true' });
  gm.svg('line', { x1: 0, x2: 26, y1: 5, y2: 5, class: `gm-history-line gm-history-${keys.size % COLORS}` }, swatch);
  Object.assign(box, { type: 'checkbox', checked: true });
  output.setAttribute('aria-live', 'off');
  code.textContent = name;
  if (data.words[name]) gm.setWords(means, data.words[name]);
  label.append(box, swatch, code, output);
  row.append(label, means);
  legend.append(row);
  box.addEventListener('change', () => { drawnAs = ''; draw(); });
  keys.set(name, { box, output });
}

// ---- The plot

// One loss as { class, xs, values, means, breaks }.
function lineOf(name, index) {
  const xs = [], at = [], values = [], means = [], indices = [];
  data.losses[name].forEach((value, i) => {
    if (value === null || value === undefined) return;
    xs.push(x(data.steps[i]));
    at.push(data.steps[i]);
    values.push(value);
    indices.push(i);
  });
  for (let i = 0, from = 0, to = 0, sum = 0; i < xs.length; i++) {
    while (to < xs.length && xs[to] <= xs[i] + NEAR) sum += values[to++];
    while (xs[from] < xs[i] - NEAR) sum -= values[from++];
    means.push(sum / (to - from));
  }
  const isBreak = (i) => i === 0 || indices[i] - indices[i - 1] > MAX_GAP;
  return { name, color: index % COLORS, xs, at, values, means, isBreak };
}

// Round numbers from low to high, about as many as asked for.
function ticksOf(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((found) => found >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return { step, ticks: found };
}

function stepTicks() {
  if (!isLog) return ticksOf(0, last, width < 300 ? 2 : 5).ticks.map(Math.round);
  const powers = Array.from({ length: Math.floor(Math.log10(last) + 1e-9) + 1 }, (_, power) => 10 ** power);
  return width < 300 ? powers.filter((_, power) => power % 2 === 0) : powers;
}

// The mean of a line at a place of the axis, along the straight from one point to the next.
function meanAt({ xs, means }, at) {
  const i = lastAt(xs, at), next = Math.min(i + 1, xs.length - 1);
  if (i < 0 || next === i) return at > xs[xs.length - 1] + 1 || i < 0 ? null : means[i];
  return means[i] + (means[next] - means[i]) * (at - xs[i]) / (xs[next] - xs[i]);
}

function rangeOf() {
  const seen = lines.map((line) => Array.from({ length: PLACES + 1 }, (_, k) => (
    meanAt(line, LEFT + k / PLACES * (width - LEFT - RIGHT)))).filter((value) => value !== null).sort((a, b) => a - b));
  const values = lines.flatMap((line) => line.values), filled = seen.filter((all) => all.length);
  if (!filled.length) return { low: 0, high: 1, isCut: false };
  let low = Math.min(...filled.map((all) => all[0]));
  let high = Math.max(...filled.map((all) => all[Math.floor(CUT * (all.length - 1))]));
  if (low > 0 && low < 0.5 * high) low = 0;
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  [low, high] = [low === 0 ? 0 : low - room, high + room];
  return { low, high, isCut: values.some((value) => value > high) };
}

function drawAxes(height, y, { low, high }) {
  const { step, ticks } = ticksOf(low, high, 5), digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  for (const tick of ticks) {
    gm.svg('line', { class: 'gm-history-grid', x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }, svg);
    gm.svg('text', { x: LEFT - 6, y: y(tick) + 5, 'text-anchor': 'end' }, svg).textContent = gm.number(tick, `,.${digits}f`);
  }
  for (const tick of stepTicks()) {
    const at = x(tick);
    gm.svg('line', { class: 'gm-history-grid', x1: at, x2: at, y1: TOP, y2: height - BOTTOM + TICK }, svg);
    const anchor = at > width - RIGHT - 24 ? 'end' : 'middle', right = anchor === 'end' ? width - 1 : at;
    gm.svg('text', { x: right, y: height - BOTTOM + 18, 'text-anchor': anchor }, svg).textContent = gm.number(tick, ',');
  }
  const axis = gm.svg('text', { x: width / 2, y: height - 4, 'text-anchor': 'middle' }, svg);
  gm.setText(axis, isLog ? 'history.axis.log' : 'history.axis');
}

function draw() {
  width = Math.round(figure.clientWidth);
  const height = Math.round(svg.getBoundingClientRect().height), as = [width, height, last, isLog, gm.language].join();
  if (!data || !width || !height || as === drawnAs) return;
  drawnAs = as;
  for (const name of Object.keys(data.losses)) if (!keys.has(name)) addKey(name);
  const span = width - LEFT - RIGHT, end = Math.max(2, last);
  x = (step) => LEFT + span * (isLog ? Math.log(step) / Math.log(end) : step / end);
  lines = Object.keys(data.losses).map(lineOf).filter(({ name }) => isShown(name));
  const range = rangeOf(), { low, high } = range, up = height - BOTTOM - TOP;
  const y = (value) => TOP + (high - value) / (high - low) * up;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  gm.setText(svg, 'history.plot', { title }, 'aria-label');
  svg.replaceChildren();
  drawAxes(height, y, range);
  // What reaches out of an inner svg is cut off.
  const inner = gm.svg('svg', { x: LEFT, y: TOP, width: span, height: up, viewBox: `${LEFT} ${TOP} ${span} ${up}` }, svg);
  const path = ({ xs, isBreak }, ys) => ys.map((value, i) => (
    `${isBreak(i) ? 'M' : 'L'}${xs[i].toFixed(1)} ${y(value).toFixed(1)}`)).join('');
  for (const line of lines) {
    gm.svg('path', { class: `gm-history-raw gm-history-${line.color}`, d: path(line, line.values) }, inner);
  }
  for (const line of lines) {
    gm.svg('path', { class: `gm-history-line gm-history-${line.color}`, d: path(line, line.means) }, inner);
    line.dot = gm.svg('circle', { class: `gm-history-${line.color}`, r: 4.5 }, inner);
    line.y = y;
  }
  cursor = gm.svg('line', { class: 'gm-history-cursor', y1: TOP, y2: height - BOTTOM }, svg);
  note.hidden = !range.isCut;
  if (range.isCut) gm.setText(note, 'history.cut', { high: word(high) });
  mark(marked);
}

function mark(step) {
  marked = step;
  if (!cursor) return;
  const at = x(Math.min(last, Math.max(1, step)));
  cursor.setAttribute('visibility', step ? 'visible' : 'hidden');
  cursor.setAttribute('x1', at);
  cursor.setAttribute('x2', at);
  for (const { name, at: steps, xs, means, values, dot, y } of lines) {
    const i = lastAt(steps, step);
    dot.setAttribute('visibility', i < 0 ? 'hidden' : 'visible');
    if (i >= 0) {
      dot.setAttribute('cx', xs[i]);
      dot.setAttribute('cy', y(means[i]));
    }
    keys.get(name).output.textContent = word(values[i]);
  }
}

function follow(event) {
  if (!x || (event.type === 'pointermove' && !event.buttons)) return;
  const share = (event.clientX - svg.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT);
  seek(Math.round(isLog ? Math.max(2, last) ** Math.max(0, share) : share * last));
}
svg.addEventListener('pointerdown', follow);
svg.addEventListener('pointermove', follow);
new ResizeObserver(draw).observe(svg);

return {
  // of: the run's data; settings: { last, isLog }: where the axis ends, and whether it is logarithmic.
  show(of, words, settings) {
    [data, title, last, isLog, drawnAs] = [of, words, settings.last, settings.isLog, ''];
    draw();
  },
  draw,
  mark,
};
