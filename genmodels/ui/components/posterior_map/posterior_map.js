const find = (selector) => element.querySelector(selector);
const close = find('.gm-posterior-close'), caption = find('figcaption');
const whole = find('.gm-posterior-whole');
const slider = find('.gm-range'), output = find('output');
const verdict = find('.gm-study-verdict'), list = find('dl'), why = find('.gm-posterior-why'), error = find('.gm-error');
const fit = gm.components.posterior_fit();
const LINE_WIDTH = 20, SIDE = gm.INK_SIDE;
const REACH = 2;  // standard deviations to which an ellipse is drawn
const TILES = 12, FILL_MS = 5;  // of the map, along each side; milliseconds of a frame, for decoding them
const MAX_EXAMPLES = 10;
const MAP_EXTENT = 4.5;  // as far as the posterior is sought
const ENCODER = '#ffb05c', BEST = '#7fd4ff';
let model = null, image = null;  // 0 and 1 for each pixel
let asked = 0, found = null;  // the number of the latest question; what was found: see fit.study()
let first = null;  // the first grid of the question under way, for the map
const mosaic = document.createElement('canvas');

// ---- Pictures

// A grid as a small canvas, the second latent upwards; ``alpha``: transparent where nothing is.
function heatOf({ side, values }, alpha) {
  const canvas = document.createElement('canvas'), most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d'), pixels = context.createImageData(side, side);
  values.forEach((value, i) => {
    const share = Math.sqrt(Math.exp(value - most)), at = 4 * ((side - 1 - i % side) * side + Math.floor(i / side));
    pixels.data.set([...gm.heatColor(share), alpha ? 255 * Math.min(1, 3 * share) : 255], at);
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function sharpen(canvas) {
  const side = Math.round((canvas.clientWidth || 240) * (window.devicePixelRatio || 1));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  return canvas.getContext('2d');
}

// Into a square of latents { low, size } on a canvas.
function drawEllipse(context, { mu, std }, view, color, dashed) {
  const scale = context.canvas.width / view.size, unit = context.canvas.width / (context.canvas.clientWidth || 240);
  for (const [style, width] of [['#000', 5], [color, 2.5]]) {  // an edge, for bright heat
    context.beginPath();
    context.ellipse((mu[0] - view.low[0]) * scale, context.canvas.height - (mu[1] - view.low[1]) * scale,
      REACH * std[0] * scale, REACH * std[1] * scale, 0, 0, 2 * Math.PI);
    context.setLineDash(dashed ? [7 * unit, 5 * unit] : []);
    Object.assign(context, { strokeStyle: style, lineWidth: width * unit });
    context.stroke();
  }
}

function drawClose() {
  const context = sharpen(close);
  context.fillStyle = '#000';
  context.fillRect(0, 0, close.width, close.height);
  if (!found) return gm.setWords(caption, '');
  const { view } = found, step = Number(slider.value), { low: [left, bottom], size } = view;
  gm.setText(caption, 'posterior.close.axes', { left, right: left + size, bottom, top: bottom + size });
  context.drawImage(found.heat, 0, 0, close.width, close.height);
  drawEllipse(context, found.path[0], view, ENCODER, true);
  if (step) drawEllipse(context, found.path[step], view, BEST, false);
}

function drawWhole() {
  const context = sharpen(whole);
  context.globalAlpha = 0.45;
  context.fillRect(0, 0, whole.width, whole.height);
  if (mosaic.width) context.drawImage(mosaic, 0, 0, whole.width, whole.height);
  context.globalAlpha = 1;
  if (first) context.drawImage(heatOf(first, true), 0, 0, whole.width, whole.height);
  if (!found) return;
  const { low, size } = found.view, scale = whole.width / (2 * MAP_EXTENT);
  Object.assign(context, { strokeStyle: '#fff', lineWidth: 2 * (window.devicePixelRatio || 1) });
  context.strokeRect((low[0] + MAP_EXTENT) * scale, (MAP_EXTENT - low[1] - size) * scale, size * scale, size * scale);
}

// The images of the map, a few in each frame.
function fillMosaic(decoder, of) {
  const { height, width } = decoder.plan;
  const tile = document.createElement('canvas'), center = (k) => ((k + 0.5) / TILES * 2 - 1) * MAP_EXTENT;
  let cell = 0;
  mosaic.width = TILES * width;
  mosaic.height = TILES * height;
  const fill = () => {
    if (model !== of) return;
    for (const end = performance.now() + FILL_MS; cell < TILES * TILES && performance.now() < end; cell++) {
      const [x, y] = [cell % TILES, Math.floor(cell / TILES)];
      gm.paint(tile, decoder.decode([center(x), -center(y)], 0), width, height);
      mosaic.getContext('2d').drawImage(tile, x * width, y * height);
    }
    if (cell < TILES * TILES) return requestAnimationFrame(fill);
    drawWhole();
  };
  fill();
}

// ---- Numbers

function addRow(key, nats) {
  const name = document.createElement('dt'), value = document.createElement('dd');
  gm.setText(name, key);
  gm.setText(value, 'posterior.nats', { nats });
  list.append(name, value);
}

function showStep() {
  const { logProb, bounds } = found, step = Number(slider.value), below = logProb - bounds[step];
  gm.setText(output, 'posterior.step', { step, below });
  slider.setAttribute('aria-valuetext', gm.t('posterior.step', { step, below }));
  drawClose();
}

function showNumbers() {
  const { logProb, bounds, path } = found, [encoder, best] = [bounds[0], bounds[bounds.length - 1]];
  Object.assign(slider, { max: path.length - 1, value: path.length - 1, disabled: false });
  gm.setText(verdict, 'posterior.verdict', { encoder: logProb - encoder, best: logProb - best });
  list.replaceChildren();
  addRow('posterior.log_prob', logProb);
  addRow('posterior.approximation', logProb - best);
  addRow('posterior.amortization', best - encoder);
  addRow('posterior.elbo', encoder);
  const samples = props.value.importance_samples;
  why.hidden = !(samples > 1);
  if (samples > 1) gm.setText(why, 'posterior.why', { samples });
  showStale(false);
  showStep();
  drawWhole();
  element.dataset.studied = JSON.stringify({ log_prob: logProb, best_elbo: best, encoder_elbo: encoder });
}

// Numbers of another drawing are not shown, but keep their place.
function showStale(isStale) {
  [output, list, why].forEach((part) => part.classList.toggle('gm-stale', isStale));
}

// ---- What is asked

async function ask(pixels) {
  const mine = ++asked;
  image = pixels;
  found = first = null;
  showStale(true);
  delete element.dataset.studied;
  slider.disabled = true;
  gm.setWords(error, '');
  gm.setText(verdict, image ? 'posterior.computing' : 'posterior.placeholder');
  drawClose();
  drawWhole();
  if (!image || !model) return null;
  const posterior = await gm.engine.loadPosterior(model);
  if (mine !== asked) return null;
  const fail = () => {
    if (mine !== asked) return null;
    gm.setWords(verdict, '');
    gm.setText(error, 'posterior.unavailable');
    return null;
  };
  if (!posterior) return fail();
  if (mosaic.of !== model) fillMosaic(posterior.decoder, mosaic.of = model);
  const { mu, logvar } = posterior.encode(image);
  const encoded = { mu: [...mu], std: [...logvar].map((value) => Math.exp(value / 2)) };
  const isAsked = async (rows) => {
    if (mine !== asked) throw new Error();  // by another drawing
    return posterior.logProbs(rows, image);
  };
  const studied = await fit.study(isAsked, encoded, (grid) => { first = grid; drawWhole(); }).catch(fail);
  if (!studied || mine !== asked) return null;
  found = { ...studied, heat: heatOf(studied.view, false) };
  return showNumbers();
}

const binary = (levels) => Uint8Array.from(levels, (level) => (level >= 128 ? 1 : 0));

function showFramed(levels) {
  pad.show(levels);
  ask(binary(levels));
}

// ---- The pad

const pad = gm.inkPad(find('.gm-canvas'), LINE_WIDTH, (levels, isComplete) => {
  if (isComplete) ask(levels && binary(levels));
});
find('.gm-clear').addEventListener('click', () => { pad.clear(); ask(null); });

// ---- Values

function showExamples({ shape: [n, height, width], pixels, words }) {
  const bytes = gm.decodeBase64(pixels), size = height * width;
  const shown = Math.min(n, MAX_EXAMPLES);
  find('.gm-study-examples').replaceChildren(...Array.from({ length: shown }, (_, k) => {
    const i = n - shown + k;  // test images stand behind synthetic ones
    const button = document.createElement('button'), small = document.createElement('canvas');
    Object.assign(button, { type: 'button', className: 'gm-cell' });
    gm.setWords(button, words.alt[i], 'aria-label');
    gm.paint(small, bytes.subarray(i * size, (i + 1) * size), width, height);
    button.append(small);
    button.addEventListener('click', () => showFramed(bytes.subarray(i * size, (i + 1) * size)));
    return button;
  }));
}

function show() {
  const value = props.value;
  if (!value || value.model === model) return;
  model = element.dataset.shownModel = value.model;
  if (value.examples) showExamples(value.examples);
  const [some] = find('.gm-study-examples').children;
  if (image) ask(image);
  else if (some) some.click();
}

let brought = null;
gm.state.bind('picture', element, () => brought, (picture) => {
  brought = picture;
  if (picture.shape[0] !== SIDE || picture.shape[1] !== SIDE) return;
  showFramed(gm.decodeBase64(picture.pixels));
});
slider.addEventListener('input', () => { if (found) showStep(); });
new ResizeObserver(() => { drawClose(); drawWhole(); }).observe(close);
document.addEventListener('gm-language', () => { if (found) showStep(); });
watch('value', show);
show();
