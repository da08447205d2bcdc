const find = (selector) => element.querySelector(selector);
const stage = find('.gm-stage'), map = find('.gm-stage-map'), point = find('.gm-stage-point');
const lens = find('.gm-lens'), image = lens.querySelector('canvas'), numbers = lens.querySelector('span');
const twin = find('.gm-stage-twin'), enter = find('.gm-opening-enter');
const { model, activity, extent, z: samples, shape, pixels: stored } = props.value;
const storedPixels = gm.decodeBase64(stored), [, height, width] = shape;
const EASE_MS = 60;  // in which the lens comes near the hand
const FILL_MS = 5;  // of a frame, for the map
const LOAD_MS = 200;  // in sight, before weights are fetched: a link may lead on to another activity
const SETTLE_MS = 400;  // without movement before the place is read out
const ABOVE_FINGER = 28;  // pixels
const HEIGHTS = { least: 220, narrow: 252, most: 400 };  // of the stage, in pixels
const NARROW = 700, FOOTER = 60;  // of the page, in pixels
const still = window.matchMedia('(prefers-reduced-motion: reduce)');

let decoder = null, asked = false;  // the page's own decoder
let columns = 0, rows = 0, pending = [];  // the map: cells that are yet to be decoded, the last one first
let wandered = 0;  // milliseconds that the lens has moved by itself
let touched = false, finger = false;  // by the visitor; by a finger, which would cover the lens
let goal = wanderTo(0), at = goal;  // points of the latent
let seen = false, frame = null, lastFrame = 0, settleTimer = null;

// ---- Pictures

function wanderTo(ms) {
  const t = ms / 1000;
  return [extent * 0.72 * Math.sin(0.29 * t + 0.5), extent * 0.66 * Math.sin(0.43 * t + 2.4)];
}

function pictureAt(z) {
  if (decoder) return decoder.decode(z, 0);
  const away = samples.map((sample) => (sample[0] - z[0]) ** 2 + (sample[1] - z[1]) ** 2);
  return gm.imageAt(storedPixels, shape, away.indexOf(Math.min(...away)));
}

// Places as fractions of the stage, from the left and from the top.
const toLatent = (x, y) => [(2 * x - 1) * extent, (1 - 2 * y) * extent];
const toPlace = (z) => [(z[0] / extent + 1) / 2, (1 - z[1] / extent) / 2];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// ---- The map

const tile = document.createElement('canvas');
const centerOf = (cell) => [(cell % columns + 0.5) / columns, (Math.floor(cell / columns) + 0.5) / rows];

function paintCell(cell) {
  gm.paint(tile, pictureAt(toLatent(...centerOf(cell))), width, height);
  map.getContext('2d').drawImage(tile, (cell % columns) * width, Math.floor(cell / columns) * height);
}

// As many cells as have room; they are decoded from the lens outwards.
function layOut(anew = false) {
  const side = parseFloat(getComputedStyle(stage).getPropertyValue('--tile'));
  const fitting = [stage.clientWidth, stage.clientHeight].map((length) => Math.round(length / side));
  const isSame = fitting[0] === columns && fitting[1] === rows;
  wake();  // the lens keeps its place in a stage of another size
  if (!fitting[0] || !fitting[1] || (isSame && !anew)) return;
  if (!isSame) {
    [columns, rows] = fitting;
    [map.width, map.height] = [columns * width, rows * height];
  }
  const cells = [...Array(columns * rows).keys()], [x, y] = toPlace(at);
  if (!decoder) return cells.forEach(paintCell);
  const away = (cell) => Math.hypot((centerOf(cell)[0] - x) * columns, (centerOf(cell)[1] - y) * rows);
  pending = cells.sort((a, b) => away(b) - away(a));
}

// As high as leaves in sight what stands below, where that has room beside each other.
const tab = element.closest('[role=tabpanel]');
function fit() {
  const left = window.innerHeight - FOOTER - tab.getBoundingClientRect().bottom - window.scrollY;
  const height = innerWidth <= NARROW ? HEIGHTS.narrow
    : clamp(stage.offsetHeight + Math.floor(left), HEIGHTS.least, HEIGHTS.most);
  if (tab.offsetHeight && height !== stage.offsetHeight) stage.style.height = height + 'px';
}

// ---- The lens

const written = (value) => (value < 0 ? '\u2212' : ' ') + gm.number(Math.abs(value), '.2f');

function paintLens() {
  gm.paint(image, pictureAt(at), width, height);
  numbers.textContent = written(at[0]) + '  ' + written(at[1]);
  const place = toPlace(at), [x, y] = [place[0] * stage.clientWidth, place[1] * stage.clientHeight];
  const left = clamp(x - lens.offsetWidth / 2, 0, stage.clientWidth - lens.offsetWidth);
  const top = finger ? y - lens.offsetHeight - ABOVE_FINGER
    : clamp(y - lens.offsetHeight / 2, 0, stage.clientHeight - lens.offsetHeight);
  lens.style.transform = `translate(${left}px, ${Math.max(top, -lens.offsetHeight / 2)}px)`;
  point.hidden = !finger;
  point.style.transform = `translate(${x}px, ${y}px)`;
}

function step(now) {
  frame = null;
  const passed = Math.min(50, now - lastFrame), began = performance.now();
  lastFrame = now;
  if (!touched && !still.matches) goal = wanderTo(wandered += passed);
  const share = still.matches ? 1 : 1 - Math.exp(-passed / EASE_MS);
  const isNear = goal.every((value, i) => Math.abs(value - at[i]) < 0.002);
  at = isNear ? goal : at.map((value, i) => value + (goal[i] - value) * share);
  paintLens();
  while (pending.length && performance.now() - began < FILL_MS) paintCell(pending.pop());
  if (!isNear || pending.length || !(touched || still.matches)) wake();
}

// Frames come while something moves and the stage is in sight; browsers give none to a page that is hidden.
function wake() {
  if (seen && frame === null) frame = requestAnimationFrame(step);
}

function load() {
  if (!seen || asked) return;
  asked = true;
  gm.engine.load(model).then((loaded) => {
    if (!loaded) return;
    decoder = loaded;
    element.dataset.engine = 'page';
    layOut(true);
  });
}

// ---- The hand

function moveTo(z, byFinger = false) {
  [touched, finger] = [true, byFinger];
  goal = z.map((value) => clamp(value, -extent, extent));
  wake();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => gm.setText(twin, 'opening.place', { x: goal[0], y: goal[1] }), SETTLE_MS);
}

function follow(event) {
  const box = stage.getBoundingClientRect();
  moveTo(toLatent((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height),
    event.pointerType !== 'mouse');
}

function open() {
  gm.state.set({ activity, model, latents: goal.map((value) => Math.round(value * 1000) / 1000) });
}

stage.addEventListener('pointerdown', (event) => {
  stage.setPointerCapture(event.pointerId);
  follow(event);
});
stage.addEventListener('pointermove', follow);
stage.addEventListener('click', (event) => { if (event.pointerType === 'mouse') open(); });  // a finger's tap moves
stage.addEventListener('keydown', (event) => {
  const length = event.shiftKey ? 0.5 : 0.1;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [0, 0] }[event.key];
  if (event.key === 'Enter') open();
  if (!direction) return;
  event.preventDefault();
  moveTo(event.key === 'Home' ? direction : goal.map((value, i) => value + direction[i] * length));
});
enter.addEventListener('click', open);
gm.setText(enter, 'opening.enter', { activity: { key: 'tab.' + activity } });
still.addEventListener('change', wake);
new ResizeObserver(() => layOut()).observe(stage);
new ResizeObserver(fit).observe(tab);
window.addEventListener('resize', fit);
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  wake();
  if (seen) gm.whenListening(() => setTimeout(load, LOAD_MS));
}).observe(stage);
fit();
layOut();
paintLens();
