// A canvas with the modes of stacked digits as lights. No component by itself: called with the canvas. Returns
// { draw(counts, images, view, pointed), at(x, y) }: counts of each of the 1,000 modes among so many images; view is
// { turn, tilt } in radians, or null for ten layers; pointed is the mode to be marked or -1. at() gives the mode at a
// place of the canvas, in CSS pixels, or -1.
//
// A mode is a number of three digits. In the cube red goes to the right, green up and blue to the back; a layer has one
// red digit, green ones downwards and blue ones to the right.
const canvas = element, context = canvas.getContext('2d');
const DIGITS = 10, MODES = DIGITS ** 3;
const EXTENT = 1.78, NEAR = 0.14;  // half of the side of what is seen; how much larger what is nearer appears
const SPACING = 2 / (DIGITS - 1);  // of the cube, which reaches from -1 to 1
const SMALLEST = 0.27, LARGEST = 1.1;  // radii of lights, in spacings of modes
const COLUMNS = 4, ROWS = 3, GAP = 0.12, LABEL = 0.22;  // of the layers; beside and above each, as a share of it
const REACH = 14;  // CSS pixels from a light in which it is pointed at
const MAX_RATIO = 2;  // of the canvas's pixels to the page's
const INKS = ['#ff6b6b', '#4ade80', '#60a5fa'];  // of the axes and of the layers' numbers: red, green, blue
const DARK = '#475569';  // a mode that is not drawn

const digitsOf = (mode) => [Math.floor(mode / 100), Math.floor(mode / DIGITS) % DIGITS, mode % DIGITS];
const colorOf = (mode) => 'rgb(' + digitsOf(mode).map((digit) => 75 + 20 * digit).join() + ')';
const COLORS = Array.from({ length: MODES }, (_, mode) => colorOf(mode));
const PLACES = Array.from({ length: MODES }, (_, mode) => digitsOf(mode).map((digit) => digit * SPACING - 1));
let places = [];  // of the modes on the canvas, in its pixels
let reach = REACH;  // in the canvas's pixels

function fit() {
  const ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((length) => Math.round(length * ratio));
  if (width && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height });
  reach = REACH * ratio;
}

// x to the right, y up and z to the back, seen from a direction: where on the canvas, how near, and how large.
function projection({ turn, tilt }) {
  const [c, s, d, t] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  const half = Math.min(canvas.width, canvas.height) / 2;
  return ([x, y, z]) => {
    const right = c * x + s * z, away = c * z - s * x, up = d * y + t * away, near = t * y - d * away;
    const scale = half / EXTENT / (1 - NEAR * near);
    return [canvas.width / 2 + right * scale, canvas.height / 2 - up * scale, near, scale];
  };
}

// The area of a light is as the mode's share, within limits.
function radiusOf(count, images) {
  return Math.min(LARGEST, Math.max(SMALLEST, SMALLEST * Math.sqrt(count * MODES / images)));
}

const fontOf = (size) => `600 ${size}px ${getComputedStyle(canvas).fontFamily}`;

function disc(x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawAxes(place, side) {
  const start = [-1, -1, -1];
  context.font = fontOf(Math.max(11, side / 20));
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  [0, 1, 2].forEach((axis) => {
    const end = start.map((value, i) => (i === axis ? 1 : value)), label = end.map((value, i) => (i === axis ? 1.22 : value));
    context.strokeStyle = context.fillStyle = INKS[axis];
    context.lineWidth = Math.max(1.5, side / 200);
    context.beginPath();
    context.moveTo(...place(start).slice(0, 2));
    context.lineTo(...place(end).slice(0, 2));
    context.stroke();
    context.fillText(DIGITS - 1, ...place(label).slice(0, 2));
  });
}

function drawCube(counts, images, view) {
  const place = projection(view), side = Math.min(canvas.width, canvas.height);
  drawAxes(place, side);
  places = PLACES.map(place);
  const order = places.map((_, mode) => mode).sort((a, b) => places[a][2] - places[b][2]);
  for (const mode of order) {
    const [x, y, , scale] = places[mode], step = scale * SPACING;
    context.fillStyle = counts[mode] ? COLORS[mode] : DARK;
    if (counts[mode]) disc(x, y, step * radiusOf(counts[mode], images));
    else context.fillRect(x - step / 20, y - step / 20, step / 10, step / 10);
  }
}

function drawLayers(counts, images) {
  const side = Math.min(canvas.width / (COLUMNS + (COLUMNS + 1) * GAP), canvas.height / (ROWS + ROWS * LABEL + GAP));
  const cell = side / DIGITS, gap = side * GAP, label = side * LABEL;
  const left = (canvas.width - COLUMNS * side - (COLUMNS - 1) * gap) / 2;
  context.font = fontOf(0.75 * label);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  places = [];
  counts.forEach((count, mode) => {
    const [red, green, blue] = digitsOf(mode), column = red % COLUMNS, row = Math.floor(red / COLUMNS);
    const [x0, y0] = [left + column * (side + gap), label + row * (side + label)];
    const [x, y] = [x0 + blue * cell, y0 + green * cell];
    if (!green && !blue) {
      context.strokeStyle = DARK;
      context.lineWidth = 1;
      context.strokeRect(x0 - 1, y0 - 1, side + 2, side + 2);
      context.fillStyle = INKS[0];
      context.fillText(red, x0 + side / 2, y0 - label / 2);
    }
    places.push([x + cell / 2, y + cell / 2]);
    if (!count) return;
    const length = cell * Math.min(1, radiusOf(count, images) * 2 + 0.25);
    context.fillStyle = COLORS[mode];
    context.fillRect(x + (cell - length) / 2, y + (cell - length) / 2, length, length);
  });
}

return {
  draw(counts, images, view, pointed = -1) {
    fit();
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (view) drawCube(counts, images, view);
    else drawLayers(counts, images);
    if (pointed < 0) return;
    const [x, y] = places[pointed];
    context.strokeStyle = '#fff';
    context.lineWidth = Math.max(2, canvas.width / 160);
    context.beginPath();
    context.arc(x, y, reach * 0.7, 0, 2 * Math.PI);
    context.stroke();
  },

  at(x, y) {
    const ratio = canvas.width / canvas.clientWidth;
    let best = -1, nearest = reach;
    places.forEach(([px, py, depth = 0], mode) => {
      const away = Math.hypot(px - x * ratio, py - y * ratio) - depth;  // of two at one place the nearer
      if (away < nearest) [best, nearest] = [mode, away];
    });
    return best;
  },
};
