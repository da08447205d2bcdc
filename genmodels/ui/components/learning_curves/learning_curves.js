const plots = element.querySelector('.gm-curve-plots'), slider = element.querySelector('.gm-range');
const output = element.querySelector('output');
const MODELS = ['naive_bayes', 'logistic'], LEFT = 58, RIGHT = 12, TOP = 10, BOTTOM = 42, HEIGHT = 250, TICK = 4;
const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
const TASKS = {  // their titles, and what is to be known of them
  pixels: ['curves.task.pixels', 'curves.note.pixels'],
  coarse: ['curves.task.coarse', 'curves.note.coarse'],
  drawings: ['curves.task.drawings', 'curves.note.drawings'],
};
const VERDICTS = {  // by the models that are ahead, one after the other
  '': 'curves.verdict.none', 0: 'curves.verdict.single', 1: 'curves.verdict.single', '01': 'curves.verdict.paper',
  10: 'curves.verdict.reverse',
};
const TITLES = { naive_bayes: 'models.naive_bayes.title', logistic: 'models.logistic.title' };
const titleOf = (model) => ({ key: TITLES[model] });

function write(key, values, attributes, parent) {
  const made = gm.svg('text', attributes, parent);
  gm.setText(made, key, values);
}

// ---- Who is ahead

// The runs of sizes at which one model is ahead by more than the bands, in their order.
function regimesOf(points) {
  const found = [];
  for (const { m, ahead } of points) {
    const last = found[found.length - 1];
    if (!ahead) continue;
    if (last && last.model === ahead) last.high = m;
    else found.push({ model: ahead, low: m, high: m });
  }
  return found;
}

function verdictOf(points) {
  const regimes = regimesOf(points), order = regimes.map(({ model }) => MODELS.indexOf(model)).join('');
  const words = regimes.map(({ model, low, high }) => (
    { key: low === high ? 'curves.regime.one' : 'curves.regime', values: { model: titleOf(model), low, high } }));
  return { key: VERDICTS[order] || 'curves.verdict.several', values: { regimes: words } };
}

// ---- Plots

class Plot {
  constructor(task, { points, image_size: [height, width], n_test: count, ridge }) {
    this.points = points;
    const figure = document.createElement('figure'), title = document.createElement('h4');
    this.svg = gm.svg('svg', { role: 'img' });
    [this.verdict, this.readout, this.note] = ['gm-curve-verdict', 'gm-curve-readout', 'gm-note'].map((className) => (
      Object.assign(document.createElement('p'), { className })));
    const [name, facts] = TASKS[task];
    gm.setText(title, name);
    gm.setText(this.svg, 'curves.plot', { task: { key: name } }, 'aria-label');
    gm.setWords(this.verdict, verdictOf(points));
    gm.setText(this.note, facts, { height, width, count, ridge });
    figure.append(title, this.svg, this.verdict, this.readout, this.note);
    plots.append(figure);
    new ResizeObserver(() => this.draw()).observe(figure);
  }

  draw() {
    const width = Math.round(this.svg.parentElement.clientWidth);
    if (!width || width === this.width) return;
    this.width = width;
    const { svg, points } = this, ends = [sizes[0], sizes[sizes.length - 1]].map(Math.log10);
    this.x = (m) => LEFT + (Math.log10(m) - ends[0]) / (ends[1] - ends[0]) * (width - LEFT - RIGHT);
    this.y = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
    svg.replaceChildren();
    for (const [key, value] of Object.entries({ width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` })) {
      svg.setAttribute(key, value);
    }
    this.drawAxes(ends);
    this.cursor = gm.svg('line', { class: 'gm-curve-cursor', y1: this.y(1), y2: this.y(0) }, svg);
    for (const model of MODELS) {
      const bands = points.filter((point) => point[model].low !== null);
      const there = bands.map((point) => [this.x(point.m), this.y(point[model].high)]);
      const back = bands.map((point) => [this.x(point.m), this.y(point[model].low)]).reverse();
      gm.svg('polygon', { class: `gm-curve-band gm-curve-${model}`, points: [...there, ...back].join(' ') }, svg);
      const line = points.map((point) => [this.x(point.m), this.y(point[model].mean)]);
      gm.svg('polyline', { class: `gm-curve-line gm-curve-${model}`, points: line.join(' ') }, svg);
      for (const [x, y] of line) {  // one model's points are round, the other's square
        if (model === MODELS[0]) gm.svg('circle', { class: `gm-curve-${model}`, cx: x, cy: y, r: 4 }, svg);
        else gm.svg('rect', { class: `gm-curve-${model}`, x: x - 4, y: y - 4, width: 8, height: 8 }, svg);
      }
    }
    this.point();
  }

  drawAxes(ends) {
    const { svg, width } = this, bottom = this.y(0);
    for (const share of SHARES) {
      gm.svg('line', { class: 'gm-curve-grid', x1: LEFT, x2: width - RIGHT, y1: this.y(share), y2: this.y(share) }, svg);
      write('curves.share', { share }, { x: LEFT - 6, y: this.y(share) + 5, 'text-anchor': 'end' }, svg);
    }
    for (let power = Math.ceil(ends[0]); power <= ends[1]; power++) {
      const x = this.x(10 ** power);
      gm.svg('line', { class: 'gm-curve-grid', x1: x, x2: x, y1: bottom, y2: bottom + TICK }, svg);
      write('curves.count', { count: 10 ** power }, { x, y: bottom + 19, 'text-anchor': 'middle' }, svg);
    }
    write('curves.axis', {}, { x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 5, 'text-anchor': 'middle' }, svg);
  }

  // The values at the slider's number of examples.
  point() {
    const m = sizes[slider.value], found = this.points.find((point) => point.m === m);
    if (this.cursor) {
      this.cursor.setAttribute('x1', this.x(m));
      this.cursor.setAttribute('x2', this.x(m));
    }
    if (!found) return gm.setText(this.readout, 'curves.unmeasured');
    const values = MODELS.map((model) => ({
      key: found[model].low === null ? 'curves.value.one' : 'curves.value',
      values: { model: titleOf(model), ...found[model] } }));
    return gm.setText(this.readout, 'curves.readout', { values, draws: found.draws });
  }
}

const tasks = Object.entries(props.value);
const sizes = [...new Set(tasks.flatMap(([, { points }]) => points.map(({ m }) => m)))].sort((a, b) => a - b);
Object.assign(slider, { max: sizes.length - 1, value: Math.floor(sizes.length / 2) });
const all = tasks.map(([task, found]) => new Plot(task, found));
function move() {
  gm.setText(output, 'curves.count', { count: sizes[slider.value] });
  slider.setAttribute('aria-valuetext', gm.t('curves.count', { count: sizes[slider.value] }));
  all.forEach((plot) => plot.point());
}
slider.addEventListener('input', move);
document.addEventListener('gm-language', move);
move();
