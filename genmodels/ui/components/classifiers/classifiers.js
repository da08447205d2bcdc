const root = element.querySelector('.gm-classifiers'), find = (selector) => root.querySelector(selector);
const status = find('[role=status]'), error = find('.gm-error'), again = find('.gm-class-again');
const { paintSigned, largest, ofPixels, byOcclusion } = gm.components.evidence();
const SIDE = gm.INK_SIDE, DRAWN = 10, SHEET_SCALE = 8;
let drawing = null;  // { levels, stroke }, the latest one
let asked = 0, waiting = false, seed = '0';
let begun = false;  // whether the models have been asked for

const create = (tag, className, parent) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
};
const worded = (tag, className, parent, key, values) => {
  const made = create(tag, className, parent);
  gm.setText(made, key, values);
  return made;
};

function softmax(logits) {
  const most = Math.max(...logits), shares = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
const logSumExp = (values) => {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
};

// ---- One model: its answer, what speaks for it, what it knows

function createBars(model, parent) {
  const list = create('ol', 'gm-class-bars', parent);
  return model.classes.map((name) => {
    const row = create('li', '', list), label = create('span', '', row), track = create('span', 'gm-class-track', row);
    label.textContent = name;
    return { row, bar: create('i', '', track), value: create('span', 'gm-class-value', row) };
  });
}

function createTiles(parent, model, key, alt) {
  const figure = create('figure', 'gm-class-figure', parent), grid = create('div', 'gm-class-tiles', figure);
  grid.setAttribute('role', 'img');
  gm.setText(grid, alt, { title: model.title }, 'aria-label');
  const tiles = model.classes.map(() => create('canvas', 'gm-pixelated', grid));
  worded('figcaption', '', figure, key);
  return { tiles, figure };
}

// What fills the gauge's width, in nats: the likelihoods of test images, and as much again below them.
const gaugeOf = ({ values }) => {
  const low = values[0][1], high = values[values.length - 1][1];
  return { from: 2 * low - high, low, high };
};

class Column {
  constructor(model) {
    Object.assign(this, { model, classifier: null, answer: null });
    const head = create('section', 'gm-class-answer', find('.gm-class-answers'));
    head.dataset.model = model.name;
    gm.setWords(create('h3', '', head), model.title);
    worded('p', 'gm-class-kind', head, model.is_generative ? 'classify.generative' : 'classify.discriminative');
    this.head = head;
    this.why = create('figure', 'gm-class-figure', find('.gm-class-whys'));
    this.known = create('div', 'gm-class-knows', find('.gm-class-known'));
    if (model.error) {
      gm.setWords(create('p', 'gm-warning', head), model.error);
      return;
    }
    this.winner = create('p', 'gm-class-winner', head);
    this.winner.append(create('b'), create('span'));
    this.bars = createBars(model, head);
    if (model.accuracy) worded('p', 'gm-note gm-class-accuracy', head, 'classify.accuracy', model.accuracy);
    if (model.by === 'bound') this.createGauge();
    else this.createMap();
    if (model.is_generative) this.drawn = createTiles(this.known, model, 'classify.drawn', 'classify.drawn.alt');
  }

  createMap() {
    this.map = create('canvas', 'gm-pixelated gm-colored', this.why);
    Object.assign(this.map, { width: SIDE, height: SIDE });
    this.map.setAttribute('role', 'img');
    const caption = create('figcaption', '', this.why);
    this.colors = create('span', '', caption);
    this.legend = create('span', '', caption);
  }

  createGauge() {
    const gauge = this.gauge = create('div', 'gm-class-gauge', this.why), { likelihoods } = this.model;
    this.legend = worded('figcaption', '', this.why, 'classify.likelihood.first');
    if (!likelihoods) return;
    const { from, low, high } = gaugeOf(likelihoods), span = create('span', '', gauge);
    span.style.insetInlineStart = 100 * (low - from) / (high - from) + '%';
    create('i', '', gauge).hidden = true;
  }

  async load() {
    if (this.model.error) return;
    if (this.model.by === 'classify') this.classifier = await gm.engine.loadClassifier(this.model.name);
    const { weight, bernoulli } = this.classifier || {};
    if (weight) this.showWeights(weight, bernoulli);
    else if (!this.drawn) worded('p', 'gm-note', this.known, 'classify.network', { count: this.model.parameters });
  }

  showWeights(weight, bernoulli) {
    const { width, height } = this.classifier.plan, size = width * height;
    const [key, alt] = bernoulli ? ['classify.white', 'classify.white.alt'] : ['classify.weights', 'classify.weights.alt'];
    const { tiles, figure } = createTiles(this.known, this.model, key, alt);
    this.known.prepend(figure);
    tiles.forEach((tile, k) => {
      const own = weight.subarray(k * size, (k + 1) * size);
      if (bernoulli) return gm.paint(tile, own.map((v) => 255 / (1 + Math.exp(-v))), width, height);
      tile.classList.add('gm-colored');
      return paintSigned(tile, own, width, height, largest(weight));
    });
    if (!bernoulli) figure.append(legendOf('classify.weights.for', 'classify.weights.against'));
  }

  // The logits, if the page can tell them now; else null.
  logits() { return this.classifier && this.classifier.logits(drawing.levels); }

  async ask(pixels) {
    const [row] = await gm.fetchRows('classify', { model: this.model.name, pixels });
    return row;
  }

  clear() {
    if (!this.bars) return;
    this.answer = null;
    this.setStale(false);
    this.winner.firstChild.textContent = '\u2013';
    this.winner.lastChild.textContent = '';
    for (const { row, bar, value } of this.bars) {
      row.className = '';
      bar.style.width = 0;
      value.textContent = '';
    }
    if (this.map) {
      gm.setText(this.map, 'classify.map.first', {}, 'aria-label');
      this.colors.replaceChildren();
      paintSigned(this.map, new Float32Array(SIDE * SIDE), SIDE, SIDE, 0);
      gm.setText(this.legend, 'classify.map.first');
    } else {
      gm.setText(this.legend, 'classify.likelihood.first');
      const [marker] = this.gauge.querySelectorAll('i');
      if (marker) marker.hidden = true;
    }
  }

  setStale(isStale) {
    this.head.classList.toggle('gm-stale', isStale);
    if (this.gauge) this.why.classList.toggle('gm-stale', isStale);
  }

  show(logits) {
    const probabilities = softmax(logits), order = [...probabilities.keys()].sort((a, b) => logits[b] - logits[a]);
    this.answer = { probabilities, pair: order.slice(0, 2) };
    this.setStale(false);
    const names = this.model.classes;
    this.winner.firstChild.textContent = names[order[0]];
    gm.setText(this.winner.lastChild, 'classify.share', { share: probabilities[order[0]] });
    this.bars.forEach(({ row, bar, value }, k) => {
      row.className = k === order[0] ? 'gm-class-best' : '';
      bar.style.width = 100 * probabilities[k] + '%';
      if (probabilities[k] >= 0.005) gm.setText(value, 'classify.bar', { share: probabilities[k] });
      else gm.setWords(value, '');
    });
    if (this.gauge) this.showLikelihood(logSumExp(Array.from(logits)));
    else this.showEvidence();
  }

  pairNames() {
    const [one, other] = this.answer.pair.map((k) => this.model.classes[k]);
    return { one, other };
  }

  // Of sums over pixels at once; of others when the pen rests, since that takes a hundred passes.
  showEvidence() {
    const { levels, isResting } = drawing, mine = asked;
    this.map.classList.toggle('gm-stale', !this.classifier || !this.classifier.evidence);
    if (!this.classifier) return gm.setText(this.legend, 'classify.map.none');
    const paint = (values, key, alt) => {
      const most = largest(values);
      paintSigned(this.map, values, SIDE, SIDE, most, levels);
      this.map.classList.remove('gm-stale');
      gm.setText(this.map, alt, this.pairNames(), 'aria-label');
      gm.setText(this.legend, key, { nats: most });
      this.colors.replaceChildren(legendOf('classify.for', 'classify.for', this.pairNames()));
      this.map.dataset.evidence = JSON.stringify({ pair: this.answer.pair, sum: values.reduce((a, b) => a + b, 0) });
    };
    const { pair } = this.answer;
    if (this.classifier.evidence) {
      return paint(ofPixels(this.classifier, levels, pair), 'classify.pixels', 'classify.pixels.alt');
    }
    if (!isResting) return null;
    return byOcclusion(this.classifier, levels, pair, () => mine === asked).then((values) => {
      if (values && mine === asked) paint(values, 'classify.occlusion', 'classify.occlusion.alt');
    });
  }

  showLikelihood(nats) {
    const { likelihoods } = this.model;
    this.answer.logProb = nats;
    if (!likelihoods) return gm.setText(this.legend, 'classify.likelihood.alone', { nats });
    const { values, n } = likelihoods, { from, low, high } = gaugeOf(likelihoods);
    const marker = this.gauge.querySelector('i'), at = (nats - from) / (high - from);
    marker.hidden = false;
    marker.style.insetInlineStart = 100 * Math.min(1, Math.max(0, at)) + '%';
    const i = values.findIndex(([, value]) => value > nats);
    if (i < 0) return gm.setText(this.legend, 'classify.likelihood.above', { nats, n });
    if (i === 0) return gm.setText(this.legend, 'classify.likelihood.below', { nats, n });
    const [[p, a], [q, b]] = [values[i - 1], values[i]], share = (p + (q - p) * (nats - a) / (b - a)) / 100;
    return gm.setText(this.legend, 'classify.likelihood.within', { nats, share, n });
  }
}

// Two colors and what they stand for.
function legendOf(one, other, { one: first, other: second } = {}) {
  const legend = document.createElement('span');
  legend.className = 'gm-class-legend';
  worded('span', 'gm-class-one', legend, one, { name: first });
  worded('span', 'gm-class-other', legend, other, { name: second });
  return legend;
}

const columns = props.models.map((model) => new Column(model));

// ---- The drawing

function tellAnswers() {
  const found = columns.filter(({ answer }) => answer);
  const answers = found.map(({ model, answer: { probabilities, pair: [best] } }) => ({
    key: 'classify.answer', values: { title: model.title, name: model.classes[best], share: probabilities[best] } }));
  gm.setText(status, 'classify.answers', { answers });
  element.dataset.answered = JSON.stringify({
    stroke: drawing.stroke,
    models: Object.fromEntries(found.map(({ model, answer }) => [model.name, answer])),
  });
}

function clearAll() {
  drawing = null;
  asked++;
  delete element.dataset.answered;
  gm.setWords(status, '');
  columns.forEach((column) => column.clear());
}

async function answerAll(isResting) {
  const mine = ++asked;
  drawing.isResting = isResting;
  const slow = columns.filter((column) => {
    if (column.model.error) return false;
    const logits = column.logits();
    if (logits) column.show(logits);
    else column.setStale(true);
    return !logits;
  });
  if (!isResting) return;
  const pixels = btoa(String.fromCharCode(...drawing.levels));
  await Promise.all(slow.map(async (column) => {
    const logits = await column.ask(pixels).catch(() => null);
    if (mine !== asked) return;
    if (logits) column.show(logits);
    else gm.setText(error, 'error.no_answer');
  }));
  if (mine === asked) tellAnswers();
}

document.addEventListener('gm-stroke', ({ detail, target }) => {
  if (!target.closest('#' + root.dataset.pad)) return;
  gm.setWords(error, '');
  if (!detail) {  // what is shown instead comes as the value
    if (drawing) drawing.context = null;
    return;
  }
  const { context, number } = detail;
  if (!drawing || drawing.stroke !== number) drawing = { stroke: number };
  drawing.context = context;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    if (!drawing || !drawing.context) return;  // by now it is at rest
    drawing.levels = gm.frameInk(drawing.context);
    if (drawing.levels) answerAll(false);
  });
});

function show() {
  const value = props.value;
  gm.setWords(error, value && value.words ? value.words : '');
  if (!value || !value.image) return clearAll();
  if (drawing && drawing.context && value.stroke !== drawing.stroke) return null;  // the pen has gone on
  drawing = { levels: gm.decodeBase64(value.image.pixels), stroke: value.stroke };
  return answerAll(true);
}

// ---- What is drawn by those that can

let sheets = [], drawnWith = null;  // { column, pixels, shape } each; the seed
async function drawAll() {
  if (drawnWith === seed) return;
  const mine = drawnWith = seed, some = columns.filter(({ drawn }) => drawn);
  again.hidden = !some.length;
  sheets = [];
  await Promise.all(some.map(async (column) => {
    const call = { model: column.model.name, count: DRAWN, seed: mine, truncation: 1, category: -1 };
    const { images: [found] = [] } = await gm.fetchImages('sample', [call]);
    if (!found || mine !== seed) return;
    const { bytes: pixels, shape } = found, [, height, width] = shape;
    column.drawn.tiles.forEach((tile, k) => gm.paint(tile, gm.imageAt(pixels, shape, k), width, height));
    sheets.push({ column, pixels, shape });
  }));
}
const bound = gm.state.bind('seed', element, () => seed, (wish) => { seed = String(wish); if (begun) drawAll(); });
again.addEventListener('click', () => {
  seed = String(Math.floor(Math.random() * 4294967296));
  drawAll();
  bound.changed();
});

gm.offer(element, () => (drawing && drawing.levels && {
  title: { key: 'classify.drawing' }, file: 'drawing',
  sheet: { pixels: drawing.levels, shape: [1, SIDE, SIDE], columns: 1, scale: SHEET_SCALE },
}));
columns.forEach(({ model, drawn }) => drawn && gm.offer(element, () => {
  const sheet = sheets.find(({ column }) => column.model === model);
  return sheet && { title: { key: 'classify.drawn.of', values: { title: model.title } }, file: model.name + '-drawn',
    sheet: { pixels: sheet.pixels, shape: sheet.shape, columns: 5, scale: SHEET_SCALE } };
}));

watch('value', show);
clearAll();

// When the activity is first in sight: a link to another one of its group opens this one on the way, and its requests
// would be in the way of that one's.
function begin() {
  if (begun || !gm.isSeen(element)) return;
  begun = true;
  // What is there at first is answered once all models are: one that is still on its way would have the server asked.
  Promise.all(columns.map((column) => column.load().then(() => {
    if (drawing && drawing.levels) answerAll(drawing.isResting);
  }))).then(() => { if (!drawing) show(); });
  drawAll();
  gm.whenListening(() => trigger('select'));
}
document.addEventListener('gm-activity', begin);
requestAnimationFrame(begin);
