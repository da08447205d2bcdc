const find = (selector) => element.querySelector(selector);
const views = find('.gm-mesh-views'), kinds = find('.gm-mesh-kinds'), error = find('.gm-error');
const walk = find('.gm-mesh-walk'), way = walk.querySelector('.gm-range'), playButton = walk.querySelector('.gm-play');
const sliders = find('.gm-mesh-sliders'), twin = find('.gm-mesh-twin');
const { models, properties } = props.value, usable = models.filter((model) => !model.error);
const STRAIGHT = 'straight';  // the view of vertices that go straight from one body to the other, by no model
const SHOWN = 2;  // views at first
const REACH = 1.2;  // of the sliders, whose properties were from -1 to 1 in training
const FIRST = [0, 1, 0.5];  // the stored bodies of the walk, and the place between them
const WALK_MS = 4000, TURN_MS = 24000;  // from one end to the other; once around
const VIEW = { turn: 0.45, tilt: 0.25 }, MAX_TILT = 1.4, DRAG = 0.01;  // radians; radians for each pixel
const SHEET_SIDE = 320;  // pixels of a picture that is taken away
const LOAD_MS = 200;  // in sight, before weights are fetched: a link may lead on to another activity
const SETTLE_MS = 300;  // without movement before the address and screen readers hear of it
const still = window.matchMedia('(prefers-reduced-motion: reduce)');

let [from, to, t] = FIRST, added = properties.map(() => 0), view = { ...VIEW };
let decoders = null, panes = [], rows = [], drawShapes = [], ends = {};  // ends: each view's bodies at both ends of the walk
let flat = false;  // whether the bodies are drawn without WebGL
let playing = false, direction = 1, seen = false, asked = false, frame = null, lastFrame = 0, settleTimer = null;

// ---- Latents

const mix = (a, b, share) => a.map((value, i) => value + (b[i] - value) * share);

// A model's latents at a place of the walk, with what the sliders have added.
function latentsOf({ shapes, directions }, place) {
  const z = mix(shapes[from], shapes[to], place);
  added.forEach((amount, k) => directions[k].forEach((step, i) => { z[i] += amount * step; }));
  return z;
}

// The properties at the place of the walk, as a linear map reads them in the latents of the first model.
function readOut() {
  const { readout, shapes } = usable[0], z = [...mix(shapes[from], shapes[to], t), 1];
  return properties.map((_, k) => z.reduce((sum, value, i) => sum + value * readout[i][k], 0) + added[k]);
}

// The bodies at both ends and their volumes: computed anew where the ends have changed.
function endsOf(model) {
  const state = JSON.stringify([from, to, added]);
  if (!ends[model.name] || ends[model.name].state !== state) {
    const decoder = decoders[model.name], bodies = [0, 1].map((place) => decoder.decode(latentsOf(model, place)));
    ends[model.name] = { state, bodies, volumes: bodies.map((body) => decoder.volumeOf(body)) };
  }
  return ends[model.name];
}

// ---- The views

const wordOf = (words) => (words && words.key ? gm.t(words.key, words.values) : words);

function createPane(model) {
  const figure = document.createElement('figure'), canvas = document.createElement('canvas');
  const caption = document.createElement('figcaption');
  const [title, volume, note] = ['strong', 'output', 'small'].map((tag) => document.createElement(tag));
  canvas.className = 'gm-mesh-view';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  gm.setText(canvas, 'mesh.view.role', {}, 'aria-roledescription');
  gm.setText(canvas, 'mesh.view', { title: model.title }, 'aria-label');
  volume.setAttribute('aria-live', 'off');
  gm.setWords(title, model.title);
  gm.setWords(note, model.note);
  caption.append(title, volume, note);
  figure.append(canvas, caption);
  figure.hidden = true;
  views.append(figure);
  canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) orbit(event.movementX * DRAG, event.movementY * DRAG);
  });
  canvas.addEventListener('dblclick', () => { view = { ...VIEW }; wake(); });
  canvas.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? 0.5 : 0.1;
    const moved = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!moved && event.key !== 'Home') return;
    event.preventDefault();
    if (moved) orbit(...moved);
    else { view = { ...VIEW }; wake(); }
  });
  return { model, figure, canvas, volume, draw: null };
}

// Whether a GPU draws for WebGL; software takes several times as long as the painter does.
function hasGpu() {
  const gl = document.createElement('canvas').getContext('webgl');
  const names = gl && gl.getExtension('WEBGL_debug_renderer_info');
  return Boolean(names) && !/swiftshader|llvmpipe|software|basic render/i.test(
    gl.getParameter(names.UNMASKED_RENDERER_WEBGL));
}

// The views in sight as gray images, for Share.
function sheet() {
  paint();  // a canvas of WebGL is empty again once its frame has been shown
  const shown = panes.filter((pane) => !pane.figure.hidden), size = SHEET_SIDE ** 2;
  const canvas = document.createElement('canvas'), context = canvas.getContext('2d');
  const pixels = new Uint8Array(shown.length * size);
  canvas.width = canvas.height = SHEET_SIDE;
  shown.forEach((pane, n) => {
    context.fillRect(0, 0, SHEET_SIDE, SHEET_SIDE);
    context.drawImage(pane.canvas, 0, 0, SHEET_SIDE, SHEET_SIDE);
    const { data } = context.getImageData(0, 0, SHEET_SIDE, SHEET_SIDE);
    for (let i = 0; i < size; i++) pixels[n * size + i] = (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 3;
  });
  return { pixels, shape: [shown.length, SHEET_SIDE, SHEET_SIDE], columns: shown.length, scale: 1 };
}

function orbit(turn, tilt) {
  view = { turn: view.turn + turn, tilt: Math.min(MAX_TILT, Math.max(-MAX_TILT, view.tilt + tilt)) };
  wake();
}

function paint() {
  if (!decoders) return;
  for (const pane of panes) {
    if (pane.figure.hidden) continue;
    const model = pane.model.name === STRAIGHT ? usable[0] : pane.model, { bodies, volumes } = endsOf(model);
    const decoder = decoders[model.name];
    const body = pane.model.name === STRAIGHT ? mix(bodies[0], bodies[1], t) : decoder.decode(latentsOf(model, t));
    pane.draw = pane.draw || gm.components.mesh_canvas(pane.canvas, { faces: decoder.plan.faces, flat });
    pane.draw(body, view);
    const change = decoder.volumeOf(body) / (volumes[0] + (volumes[1] - volumes[0]) * t) - 1;
    pane.volume.textContent = gm.t('mesh.volume', { change }).replace('-', '\u2212');
  }
  readOut().forEach((value, k) => {
    rows[k].input.value = value;
    rows[k].output.textContent = gm.number(value, '+.2f').replace('-', '\u2212');
    rows[k].input.setAttribute('aria-valuetext', rows[k].output.textContent);
  });
  way.value = t;
  way.setAttribute('aria-valuetext', gm.t('mesh.way.value', { share: t }));
}

function step(now) {
  frame = null;
  const passed = Math.min(50, now - lastFrame);
  lastFrame = now;
  if (playing) {
    t += direction * passed / WALK_MS;
    if (t <= 0 || t >= 1) direction = t <= 0 ? 1 : -1;
    t = Math.min(1, Math.max(0, t));
    view.turn += 2 * Math.PI * passed / TURN_MS;
  }
  paint();
  if (playing) wake();
}

// Frames come while something moves and the bodies are in sight; browsers give none to a page that is hidden.
function wake() {
  if (seen && frame === null) frame = requestAnimationFrame(step);
}

// ---- The controls

function setPlaying(on) {
  playing = on;
  gm.setText(playButton, on ? 'walk.pause' : 'walk.play');
  wake();
}

// After a change by the visitor's hand.
function changed() {
  wake();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    bound.changed();
    gm.setWords(twin, panes.filter((pane) => !pane.figure.hidden).map(
      (pane) => wordOf(pane.model.title) + ': ' + pane.volume.textContent).join('. '));
  }, SETTLE_MS);
}

function createSlider(words, k) {
  const row = document.createElement('div'), label = document.createElement('label');
  const title = document.createElement('span'), input = document.createElement('input');
  const output = document.createElement('output');
  row.className = 'gm-live-slider';
  output.setAttribute('aria-live', 'off');  // screen readers announce the slider's own value text
  gm.setWords(title, words);
  gm.setWords(input, words, 'aria-label');
  Object.assign(input, { type: 'range', min: -REACH, max: REACH, step: 0.01, className: 'gm-range' });
  const choose = (value) => { added[k] += value - readOut()[k]; setPlaying(false); changed(); };
  input.addEventListener('input', () => choose(Number(input.value)));
  row.addEventListener('dblclick', () => choose(0));
  label.append(title, input);
  row.append(label, output);
  sliders.append(row);
  return { input, output };
}

function createOption(parent, type, name, checked, words, content) {
  const label = document.createElement('label'), input = document.createElement('input');
  const text = document.createElement('span');
  label.className = 'gm-option';
  Object.assign(input, { type, name, checked });
  gm.setWords(input, words, 'aria-label');
  if (content) text.append(content);
  else gm.setWords(text, words);
  label.append(input, text);
  parent.append(label);
  return input;
}

// The views that are shown, and which; those that cannot be used say why.
function createKinds() {
  const straight = { name: STRAIGHT, title: { key: 'mesh.straight' }, note: { key: 'mesh.straight.note' } };
  panes = [...usable, ...(usable.length ? [straight] : [])].map(createPane);
  panes.forEach((pane, i) => {
    const input = createOption(kinds, 'checkbox', 'gm-mesh-kind', i < SHOWN, pane.model.title);
    pane.figure.hidden = !input.checked;
    input.addEventListener('change', () => {
      if (panes.every((other) => other === pane || other.figure.hidden)) input.checked = true;  // one is always shown
      pane.figure.hidden = !input.checked;
      wake();
    });
  });
  for (const { title, error: reason } of models.filter((model) => model.error)) {
    createOption(kinds, 'checkbox', 'gm-mesh-kind', false, title).disabled = true;
    gm.setWords(error, reason);
  }
}

// The stored bodies, to walk from and to; each end has its own choice.
function createShapes() {
  const { shapes } = usable[0], decoder = decoders[usable[0].name], { faces } = decoder.plan;
  walk.hidden = shapes.length < 2;
  for (const [end, parent] of [[0, find('.gm-mesh-from')], [1, find('.gm-mesh-to')]]) {
    shapes.forEach((z, i) => {
      const canvas = document.createElement('canvas');
      canvas.className = 'gm-mesh-shape';
      const words = { key: 'mesh.shape', values: { number: i + 1 } };
      const input = createOption(parent, 'radio', 'gm-mesh-end-' + end, i === [from, to][end], words, canvas);
      const draw = gm.components.mesh_canvas(canvas, { faces, flat: true }), body = decoder.decode(z);
      drawShapes.push(() => draw(body, VIEW));
      input.addEventListener('change', () => {
        if (end) to = i;
        else from = i;
        added.fill(0);
        t = end ? 1 : 0;
        setPlaying(false);
        changed();
        paintShapes();
      });
    });
  }
  paintShapes();
}

// In their colors, which change with the choice and with the page's.
function paintShapes() { drawShapes.forEach((draw) => draw()); }

function showEnds() {
  for (const [end, i] of [[0, from], [1, to]]) {
    element.querySelectorAll(`[name=gm-mesh-end-${end}]`).forEach((input, k) => { input.checked = k === i; });
  }
  paintShapes();
}

way.addEventListener('input', () => { t = Number(way.value); setPlaying(false); changed(); });
playButton.addEventListener('click', () => setPlaying(!playing));
// The rod at rest, which has none of the properties.
find('.gm-reset').addEventListener('click', () => {
  const now = readOut();
  added = added.map((amount, k) => amount - now[k]);
  view = { ...VIEW };
  setPlaying(false);
  changed();
});
find('.gm-randomize').addEventListener('click', () => {
  const now = readOut();
  added = added.map((amount, k) => amount - now[k] + 2 * Math.random() - 1);
  setPlaying(false);
  changed();
});

const rounded = () => [from, to, t, ...added].map((value) => Math.round(value * 1000) / 1000);
const bound = gm.state.bind('body', element, rounded, (wish) => {
  const count = usable.length ? usable[0].shapes.length : 0, [first, last, place, ...more] = wish;
  if (more.length !== added.length || !(first < count && last < count && place <= 1)) return;
  [from, to, t, added] = [first, last, place, more];
  showEnds();
  wake();
}, [...FIRST, ...added]);

// ---- The start

async function load() {
  if (!seen || asked || !usable.length) return;
  asked = true;
  const found = await Promise.all(usable.map(({ name }) => gm.engine.loadMesh(name)));
  if (!found.every(Boolean)) {
    asked = false;
    gm.setWords(error, { key: 'error.no_answer' });
    return;
  }
  decoders = Object.fromEntries(usable.map(({ name }, i) => [name, found[i]]));
  flat = !hasGpu();
  createShapes();
  element.dataset.engine = 'page';
  setPlaying(!still.matches && JSON.stringify(rounded()) === JSON.stringify([...FIRST, ...added.map(() => 0)]));
}

gm.offer(element, () => decoders && { title: { key: 'tab.mesh' }, file: 'mesh', sheet: sheet() });
createKinds();
rows = properties.map(createSlider);
document.addEventListener('gm-language', wake);
new ResizeObserver(wake).observe(views);
new MutationObserver(() => { paintShapes(); wake(); }).observe(document.body, { attributes: true,
  attributeFilter: ['class'] });  // light or dark
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  wake();
  if (seen) gm.whenListening(() => setTimeout(load, LOAD_MS));
}).observe(views);
