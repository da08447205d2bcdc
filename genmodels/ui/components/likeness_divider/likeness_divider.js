const root = element.querySelector('.gm-likeness'), find = (selector) => root.querySelector(selector);
const stage = find('.gm-likeness-stage'), canvases = [find('.gm-likeness-left'), find('.gm-likeness-right')];
const names = [...find('.gm-likeness-names').children], verdict = find('.gm-likeness-verdict');
const instead = find('.gm-likeness-instead'), info = find('.gm-likeness-info');
const SETTLE_MS = 500;  // without a change, before the verdict is read out
const KEY_STEP = 2, KEY_LEAP = 10;  // hundredths of the width
let pair = null, engines = null;  // the models chosen; of them { autoencoders, judge }, once they are loaded
let levels = null, images = null;  // the input; the two reconstructions
let settleTimer = null;

// ---- Errors

// The mean gradient at the edges: sharpness() of metrics/reconstruction.py.
function sharpness(pixels, width, height) {
  let [sum, squares] = [0, 0];
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0, i = y * width; x < width - 1; x++, i++) {
      const square = ((pixels[i + width] - pixels[i]) / 255) ** 2 + ((pixels[i + 1] - pixels[i]) / 255) ** 2;
      sum += Math.sqrt(square);
      squares += square;
    }
  }
  return squares / Math.max(1e-12, sum);
}

const MEASURES = { pixels: { key: 'likeness.pixels' }, features: { key: 'likeness.features' } };  // and what shows them
for (const parts of Object.values(MEASURES)) {
  const box = document.createElement('div'), title = document.createElement('h4'), words = document.createElement('span');
  const legend = document.createElement('span'), scale = document.createElement('canvas');
  Object.assign(parts, { most: document.createElement('span'), figures: [] });
  box.className = 'gm-likeness-measure';
  legend.className = 'gm-likeness-legend';
  gm.setText(words, parts.key);
  gm.paintHeatLegend(scale);
  legend.append('0', scale, parts.most);
  title.append(words, legend);
  box.append(title);
  for (let side = 0; side < 2; side++) {
    const figure = document.createElement('figure'), map = document.createElement('canvas');
    const caption = document.createElement('figcaption');
    map.className = 'gm-pixelated gm-colored';
    map.setAttribute('role', 'img');
    figure.append(map, caption);
    box.append(figure);
    parts.figures.push({ figure, map, caption });
  }
  find('.gm-likeness-errors').append(box);
}

// Both models' errors at each place, on one scale.
function showMeasure(name, maps, width, height) {
  const { key, figures, most } = MEASURES[name], sums = maps.map((map) => map.reduce((sum, value) => sum + value, 0));
  const largest = Math.max(...maps.map((map) => map.reduce((a, b) => Math.max(a, b), 0)));
  most.textContent = gm.number(largest, '.2f');
  figures.forEach(({ figure, map, caption }, side) => {
    const { title } = pair[side];
    gm.paintHeat(map, maps[side], width, height, largest);
    gm.setText(map, key + '.of', { title, error: sums[side] }, 'aria-label');
    gm.setText(caption, 'likeness.sum', { title, error: sums[side] });
    figure.classList.toggle('gm-nearer', sums[side] < sums[1 - side]);
  });
  return sums;
}

// ---- Pictures

function blank() {
  images = null;
  clearTimeout(settleTimer);
  delete element.dataset.shown;
  canvases.forEach((canvas) => canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height));
  gm.setWords(verdict, '');
  for (const { figures, most } of Object.values(MEASURES)) {
    most.textContent = '';
    figures.forEach(({ figure, map, caption }, side) => {
      map.getContext('2d').clearRect(0, 0, map.width, map.height);
      gm.setWords(caption, pair ? pair[side].title : '');
      figure.classList.remove('gm-nearer');
    });
  }
}

function show(input) {
  levels = input;
  if (!engines) return;
  const { autoencoders, judge } = engines, { height, width, rows, columns } = judge.plan;
  images = autoencoders.map(({ encoder, decoder }) => decoder.decode(encoder.encode(levels, 0), 0).slice());
  images.forEach((pixels, side) => gm.paint(canvases[side], pixels, width, height));
  const seen = judge.features(levels);
  const pixels = showMeasure('pixels', images.map((image) => (
    Float32Array.from(image, (level, i) => ((level - levels[i]) / 255) ** 2))), width, height);
  const features = showMeasure('features', images.map((image) => judge.errors(seen, judge.features(image))), columns, rows);
  const sharp = sharpness(levels, width, height), edges = images.map((image) => sharpness(image, width, height) / sharp);
  element.dataset.shown = JSON.stringify({ pixels, features, edges });
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    const titled = (values, better) => pair[better(values[0], values[1]) ? 0 : 1].title;
    const less = (a, b) => a <= b, more = (a, b) => a >= b;
    gm.setText(verdict, 'likeness.verdict', { pixels: titled(pixels, less), features: titled(features, less),
      sharper: titled(edges, more), left: pair[0].title, right: pair[1].title, left_edges: edges[0],
      right_edges: edges[1] });
  }, verdict.textContent ? SETTLE_MS : 0);
}

// ---- The divider

function moveTo(percent) {
  const at = Math.round(Math.min(100, Math.max(0, percent)));
  stage.style.setProperty('--at', at + '%');
  stage.setAttribute('aria-valuenow', at);
  if (pair) gm.setText(stage, 'likeness.place', { at, left: pair[0].title, right: pair[1].title }, 'aria-valuetext');
}
const follow = (event) => {
  const box = stage.getBoundingClientRect();
  moveTo((event.clientX - box.left) / box.width * 100);
};
stage.addEventListener('pointerdown', (event) => {
  stage.setPointerCapture(event.pointerId);
  follow(event);
});
stage.addEventListener('pointermove', follow);  // a mouse need not be pressed
stage.addEventListener('keydown', (event) => {
  const at = Number(stage.getAttribute('aria-valuenow')), step = event.shiftKey ? KEY_LEAP : KEY_STEP;
  const to = { ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step, Home: 0, End: 100 };
  if (to[event.key] === undefined) return;
  event.preventDefault();
  moveTo(to[event.key]);
});

// ---- Values

async function load(models) {
  const found = await Promise.all([...models.map(({ name }) => gm.engine.loadAutoencoder(name)),
    gm.engine.loadLikeness(models[1].name)]);
  if (pair !== models) return;
  if (!found.every(Boolean)) return sayInstead({ key: 'likeness.unavailable' });
  engines = { autoencoders: found.slice(0, 2), judge: found[2] };
  if (levels) show(levels);
}

function sayInstead(words) {
  gm.setWords(instead, words || '');
  root.querySelectorAll(':scope > :not(.gm-likeness-instead)').forEach((part) => { part.hidden = Boolean(words); });
}

const isLatest = gm.followPen(() => !root.hidden && Boolean(engines), show);

function take() {
  const value = props.value;
  root.hidden = !value;
  if (!value) return;
  sayInstead(value.words);
  if (value.words) {
    blank();
    [pair, engines] = [null, null];
    return;
  }
  if (!pair || value.models.some(({ name }, side) => name !== pair[side].name)) {
    [pair, engines, levels] = [value.models, null, null];
    names.forEach((span, side) => gm.setWords(span, pair[side].title));
    gm.setText(info, 'likeness.info', { title: pair[1].title });
    moveTo(50);
    blank();
    load(pair);
  }
  if (!isLatest(value.stroke)) return;
  if (value.pixels) return show(gm.decodeBase64(value.pixels));
  levels = null;
  blank();
}
gm.offer(element, () => (images && !root.hidden ? {
  title: { key: 'likeness.offer' }, file: 'likeness',
  sheet: { pixels: Uint8Array.from([levels, ...images].flatMap((image) => [...image])),
    shape: [3, engines.judge.plan.height, engines.judge.plan.width], columns: 3, scale: 8 },
} : null));
document.addEventListener('gm-language', () => { if (images) show(levels); });
watch('value', take);
take();
