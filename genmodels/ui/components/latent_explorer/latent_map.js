// The map of a latent of two numbers, with its axes: the model's image at each place, tinted by the class that the
// classifier reads there. No component by itself: the explorer calls this with its own element and, as props,
// { move(x, y), fail(words) }: the visitor chose a place; something went wrong. Returns { show(spec), place(x, y) },
// for the explorer's value and for where its latents are.
const find = (selector) => element.querySelector(selector);
const box = find('.gm-map-box'), pad = find('.gm-pad'), map = find('.gm-map'), marker = find('.gm-marker');
const tint = find('.gm-tint'), legend = find('.gm-legend'), items = legend.querySelector('ul');
const WAIT_MS = 2500;  // for the page's decoder, before the server is asked for the map
// Ten colors that differ for every kind of color vision, the more so where their classes meet on the map of digits.
// White has a contrast of 4.5 on each of them: strokes stay white.
const TINTS = ['#2a7ab7', '#201782', '#266112', '#6d3876', '#aa4f95', '#6d1205', '#4c0c57', '#4e6d64', '#6a7e0e',
  '#38373e'];
const mosaics = {}, classes = {};  // by model: { pixels, width, height }, and the class of each cell
let spec = null, side = 0, extent = 0, x = 0, y = 0;

// ---- Axes and legend

// From -1 at the left or the bottom to 1, as a CSS length from the left or the top.
const across = (at) => (at + 1) * 50 + '%';
const down = (at) => (1 - at) * 50 + '%';

function drawAxis(axis, column, style, place) {
  const name = document.createElement('b');
  name.textContent = spec.sliders.find((slider) => slider.column === column).name;
  axis.replaceChildren(name);
  for (let value = -Math.floor(extent); value <= extent; value++) {
    const tick = document.createElement('span');
    tick.textContent = (value < 0 ? '\u2212' : '') + Math.abs(value);
    tick.style[style] = place(value / extent);
    axis.append(tick);
  }
}

function drawLegend() {
  legend.hidden = !spec.classes;
  items.replaceChildren(...(spec.classes || []).map((name, index) => {
    const item = document.createElement('li');
    gm.setWords(item, name);
    item.style.background = TINTS[index % TINTS.length];
    return item;
  }));
}

function place(newX, newY) {
  [x, y] = [newX, newY];
  marker.style.left = across(x / extent);
  marker.style.top = down(y / extent);
}

// ---- The images

// Images of a shape side by side, a row of the map after the other.
function layOut([n, h, w, channels = 1], imageAt) {
  const rowLength = w * channels, mosaic = new Uint8Array(n * h * rowLength);
  for (let i = 0; i < n; i++) {
    const start = (Math.floor(i / side) * h * side + i % side) * rowLength, bytes = imageAt(i);
    for (let row = 0; row < h; row++) {
      mosaic.set(bytes.subarray(row * rowLength, (row + 1) * rowLength), start + row * side * rowLength);
    }
  }
  return { pixels: mosaic, width: side * w, height: n / side * h };
}

// The point at the center of each cell is decoded, the largest second latent at the top.
function decodeMap(from) {
  const center = (k) => ((k + 0.5) / side * 2 - 1) * extent, shape = [side * side, ...from.shape.slice(1)];
  return layOut(shape, (i) => from.decode([center(i % side), -center(Math.floor(i / side))], 0));
}

async function requestMap(model) {
  const answer = await gm.fetchImages('latent_grid', [{ model, side, extent }]);
  if (answer.error) return answer;
  const [{ bytes, shape }] = answer.images;
  return layOut(shape, (i) => gm.imageAt(bytes, shape, i));
}

// Decoded in the page. The server draws it where the page cannot, or where the weights are long in coming.
async function paintMap(model) {
  const late = new Promise((done) => setTimeout(done, WAIT_MS));
  if (!mosaics[model]) {
    const from = await Promise.race([gm.engine.load(model), late]);
    const found = from ? decodeMap(from) : await requestMap(model);
    if (found.error) { if (spec.model === model) props.fail(found.error); return; }
    mosaics[model] = found;
  }
  if (spec.model !== model) return;
  gm.paint(map, mosaics[model].pixels, mosaics[model].width, mosaics[model].height);
  element.dataset.map = model;
  if (spec.classes) paintTint(model);  // not before: it would be in the way of the decoder's weights
}

// One pixel a cell, which CSS lays over the images: black takes the color, strokes stay white.
async function paintTint(model) {
  if (!classes[model]) {
    const answer = await gm.fetchImages('map_classes', [{ model }]);
    if (answer.error) { if (spec.model === model) props.fail(answer.error); return; }
    classes[model] = answer.images[0].bytes;
  }
  if (spec.model !== model) return;
  const found = classes[model], context = tint.getContext('2d');
  tint.hidden = legend.hidden = !found.length;  // there is no classifier
  tint.width = tint.height = side;
  found.forEach((index, cell) => {
    context.fillStyle = TINTS[index % TINTS.length];
    context.fillRect(cell % side, Math.floor(cell / side), 1, 1);
  });
  element.dataset.tint = model;
}

function show(value) {
  spec = value;
  box.hidden = !spec.map;
  if (!spec.map) return;
  ({ side, extent } = spec.map);
  tint.hidden = true;
  drawAxis(find('.gm-axis-x'), 0, 'left', across);
  drawAxis(find('.gm-axis-y'), 1, 'top', down);
  drawLegend();
  paintMap(spec.model);
}

// ---- What the visitor does

const clamp = (value) => Math.min(extent, Math.max(-extent, value));
function moveTo(event) {
  const { left, top, width, height } = pad.getBoundingClientRect();
  props.move(clamp(((event.clientX - left) / width * 2 - 1) * extent),
    clamp((1 - (event.clientY - top) / height * 2) * extent));
}
pad.addEventListener('pointerdown', (event) => { pad.setPointerCapture(event.pointerId); moveTo(event); });
pad.addEventListener('pointermove', (event) => { if (pad.hasPointerCapture(event.pointerId)) moveTo(event); });
pad.addEventListener('keydown', (event) => {
  const step = event.shiftKey ? 0.5 : 0.1;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!direction && event.key !== 'Home') return;
  event.preventDefault();
  if (direction) props.move(clamp(x + direction[0] * step), clamp(y + direction[1] * step));
  else props.move(0, 0);
});
return { show, place };
