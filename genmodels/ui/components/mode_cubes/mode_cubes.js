const find = (selector) => element.querySelector(selector);
const root = find('.gm-modes'), panesBox = find('.gm-modes-panes'), wordsBox = find('.gm-modes-words');
const [slider, output] = ['input', 'output'].map((name) => find('.gm-modes-time').querySelector(name));
const playButton = find('.gm-play'), error = find('.gm-error'), twin = find('.gm-modes-twin');
const { models, floor } = props.value, usable = models.filter((model) => !model.error);
const MODES = 1000, IMAGES = 9;
const PLAY_MS = 9000, TURN_MS = 40000;  // through the training; once around
const VIEW = { turn: -0.55, tilt: 0.35 }, MAX_TILT = 1.4, DRAG = 0.01;  // radians; radians for each pixel
const LOAD_MS = 200;  // in sight, before weights are fetched: a link may lead on to another activity
const SETTLE_MS = 300;  // without movement before the address and screen readers hear of it
const still = window.matchMedia('(prefers-reduced-motion: reduce)');
const steps = [...new Set(usable.flatMap((model) => model.steps))].sort((a, b) => a - b), last = steps.length - 1;

let place = last;  // of the slider, among the steps; between two of them while it plays
let view = { ...VIEW }, pointed = -1, panes = [];
let playing = false, seen = false, asked = false, frame = null, lastFrame = 0, settleTimer = null, draws = 0;

// ---- What there is at a step

const index = () => Math.round(place);
// Where in its own history a model is.
function indexOf({ steps: own }) {
  const at = own.filter((step) => step <= steps[index()]).length - 1;
  return Math.max(0, at);
}
const drawnOf = (counts) => counts.reduce((sum, count) => sum + (count > 0), 0);
// Of equally frequent modes as many are expected among so many images.
const expected = (images) => Math.round(MODES * (1 - (1 - 1 / MODES) ** images));

// ---- The panes

function createPane(model) {
  const figure = document.createElement('figure'), canvas = document.createElement('canvas');
  const [title, caption] = ['figcaption', 'p'].map((tag) => document.createElement(tag));
  const tiles = document.createElement('div');
  canvas.className = 'gm-modes-canvas';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  gm.setText(canvas, 'collapse.cube.role', {}, 'aria-roledescription');
  gm.setText(canvas, 'collapse.cube', { title: model.title }, 'aria-label');
  tiles.className = 'gm-modes-tiles';
  tiles.setAttribute('role', 'img');
  gm.setText(tiles, 'collapse.images', { title: model.title, count: IMAGES }, 'aria-label');
  tiles.append(...Array.from({ length: IMAGES }, () => document.createElement('canvas')));
  caption.className = 'gm-modes-count';
  gm.setWords(title, model.title);
  figure.append(title, canvas, tiles, caption);
  figure.dataset.model = model.name;
  panesBox.append(figure);
  listen(canvas);
  return { model, figure, canvas, tiles, caption, modes: gm.components.mode_canvas(canvas), sheet: null, decoder: null,
    final: null };
}

function createWords({ title, lesson, measured, error: reason }) {
  const box = document.createElement('div'), name = document.createElement('strong');
  gm.setWords(name, title);
  box.append(name, ...[reason || lesson, ...(measured || [])].map((words) => {
    const line = document.createElement('p');
    gm.setWords(line, words);
    return line;
  }));
  wordsBox.append(box);
}

// ---- The hand on a cube

function orbit(turn, tilt) {
  if (root.dataset.view !== 'cube') return;
  view = { turn: view.turn + turn, tilt: Math.min(MAX_TILT, Math.max(-MAX_TILT, view.tilt + tilt)) };
  wake();
}

function point(mode) {
  if (mode === pointed) return;
  pointed = mode;
  wake();
}

function listen(canvas) {
  const isHeld = (event) => canvas.hasPointerCapture(event.pointerId);
  const modeAt = ({ offsetX, offsetY }) => panes.find((pane) => pane.canvas === canvas).modes.at(offsetX, offsetY);
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    point(modeAt(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (isHeld(event) && root.dataset.view === 'cube') orbit(event.movementX * DRAG, event.movementY * DRAG);
    else point(modeAt(event));
  });
  canvas.addEventListener('pointerleave', () => point(-1));
  canvas.addEventListener('keydown', (event) => {
    const step = event.shiftKey ? 0.3 : 0.1;
    const moved = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!moved && event.key !== 'Home') return;
    event.preventDefault();
    if (moved) orbit(...moved);
    else { view = { ...VIEW }; wake(); }
  });
}

// ---- Images: of the history, and at the end the page's own

function paintTiles({ model, tiles, sheet, final }) {
  const isFinal = final && index() === last, row = model.rows[indexOf(model)];
  const [height, width] = model.shape;
  [...tiles.children].forEach((tile, i) => {
    if (isFinal) {
      gm.paint(tile, final[i], width, height);
    } else if (sheet) {
      Object.assign(tile, { width, height });
      tile.getContext('2d').drawImage(sheet, i * width, row * height, width, height, 0, 0, width, height);
    }
  });
}

async function fetchSheets() {
  await Promise.all(panes.map(async (pane) => {
    const image = new Image();
    image.src = gm.root + 'file/' + pane.model.sheet;
    await image.decode();
    pane.sheet = image;
  }));
  wake();
}

// The last images of a seed: by the page, and where it is too slow for that, by the server.
async function drawFinal() {
  const mine = ++draws, { seed } = props.value;
  await Promise.all(panes.map(async (pane) => {
    const { name } = pane.model, call = { model: name, count: IMAGES, seed, category: -1 };
    const decoder = await gm.engine.load(name);
    let images = [];
    if (decoder) {
      const { rows } = await gm.fetchLatents(call, decoder.plan.dim);
      images = rows.map((row) => decoder.decode(row, 0).slice());
    } else {
      const answer = await gm.fetchImages('sample', [{ ...call, truncation: 1 }]);
      if (answer.error) throw new Error(name);
      const { bytes, shape } = answer.images[0];
      images = Array.from({ length: IMAGES }, (_, i) => gm.imageAt(bytes, shape, i));
    }
    if (mine !== draws) return;
    pane.final = images;
    pane.figure.dataset.engine = decoder ? 'page' : 'server';
    wake();
  }));
}

function load() {
  if (!seen || asked || !usable.length) return;
  asked = true;
  const say = (words) => gm.setWords(error, words);
  Promise.all([fetchSheets(), drawFinal()]).then(() => say(''), () => say({ key: 'error.no_answer' }));
}

// ---- Frames

function paint() {
  slider.value = index();
  gm.setText(output, 'collapse.step', { step: steps[index()] });
  slider.setAttribute('aria-valuetext', output.textContent);
  for (const pane of panes) {
    const { model, modes, caption } = pane, counts = model.counts[indexOf(model)];
    modes.draw(counts, model.images, root.dataset.view === 'cube' ? view : null, pointed);
    if (pointed < 0) gm.setText(caption, 'collapse.count', { modes: drawnOf(counts) });
    else gm.setText(caption, 'collapse.mode', { digits: [...String(pointed).padStart(3, '0')].join(' '), count: counts[pointed] });
    paintTiles(pane);
  }
}

function step(now) {
  frame = null;
  const passed = Math.min(50, now - lastFrame);
  lastFrame = now;
  if (playing) {
    place = Math.min(last, place + last * passed / PLAY_MS);
    if (!still.matches) view.turn += 2 * Math.PI * passed / TURN_MS;
    if (place >= last) setPlaying(false);
  }
  paint();
  if (playing) wake();
}

// Frames come while something moves and the cubes are in sight; browsers give none to a page that is hidden.
function wake() {
  if (seen && usable.length && frame === null) frame = requestAnimationFrame(step);
}

// ---- The controls

function setPlaying(on) {
  playing = on;
  lastFrame = performance.now();
  if (on && place >= last) place = 0;
  gm.setText(playButton, on ? 'walk.pause' : 'walk.play');
  if (!on) changed();
  wake();
}

// After a change by the visitor's hand.
function changed() {
  wake();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    bound.changed();
    gm.setWords(twin, panes.map(({ figure, caption }) => (
      figure.firstChild.textContent + ': ' + caption.textContent)).join('. '));
  }, SETTLE_MS);
}

function setView(name) {
  root.dataset.view = name;
  find(`[name=gm-modes-view][value=${name}]`).checked = true;
  pointed = -1;
  wake();
}

playButton.addEventListener('click', () => setPlaying(!playing));
slider.addEventListener('input', () => {
  place = Number(slider.value);
  setPlaying(false);
});
root.addEventListener('change', ({ target }) => {
  if (target.name !== 'gm-modes-view') return;
  setView(target.value);
  boundView.changed();
});

// ---- The start

root.hidden = !usable.length;
Object.assign(slider, { max: Math.max(0, last), value: last });
panes = usable.map(createPane);
models.forEach(createWords);
if (usable.length) {
  const { images } = usable[0];
  gm.setText(find('.gm-modes-counted'), 'collapse.counted', { images, real: expected(images) });
  gm.setWords(find('.gm-modes-floor'), floor);
}
const bound = gm.state.bind('training', slider.parentElement, () => Math.round(100 * place / last) / 100, (share) => {
  place = Math.round(share * last);
  wake();
}, 1);
const boundView = gm.state.bind('view', find('fieldset'), () => root.dataset.view, (name) => {
  if (find(`[name=gm-modes-view][value="${name}"]`)) setView(name);
}, 'cube');
gm.offer(element, () => {
  const tiles = panes.flatMap(({ tiles: box }) => [...box.children]).filter(({ width, height }) => width && height);
  if (!asked || !tiles.length) return null;
  const [height, width] = panes[0].model.shape, pixels = new Uint8Array(tiles.length * height * width * 3);
  tiles.forEach((tile, n) => {
    const { data } = tile.getContext('2d').getImageData(0, 0, width, height);
    for (let i = 0; i < height * width; i++) pixels.set(data.subarray(4 * i, 4 * i + 3), 3 * (n * height * width + i));
  });
  return { title: { key: 'tab.collapse' }, file: `collapse-step-${steps[index()]}`,
    sheet: { pixels, shape: [tiles.length, height, width, 3], columns: IMAGES, scale: 8 } };
});
watch('value', () => {
  if (!asked) return;
  place = last;  // only its images are of the seed
  changed();
  drawFinal().then(() => gm.setWords(error, ''), () => gm.setWords(error, { key: 'error.no_answer' }));
});
document.addEventListener('gm-language', wake);
new ResizeObserver(wake).observe(panesBox);
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  wake();
  if (seen) gm.whenListening(() => setTimeout(load, LOAD_MS));
}).observe(panesBox);
