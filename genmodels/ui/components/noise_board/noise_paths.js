// The paths of a few pixels of one image over time, as curves, and where these pixels lie. No component by itself: the
// board calls this with its own element.
const svg = element.querySelector('svg');
const COLORS = ['#0d9488', '#d97706', '#7c3aed', '#e11d48'];
const WIDTH = 480, HEIGHT = 190, LEFT = 62, RIGHT = 12, TOP = 10, BOTTOM = 30, LIMIT = 2.6;  // of gray levels
const MIN_APART = 3;  // pixels between two that are shown
const toX = (time) => LEFT + time * (WIDTH - LEFT - RIGHT);
const toY = (level) => TOP + (1 - (Math.min(LIMIT, Math.max(-LIMIT, level)) / LIMIT + 1) / 2) * (HEIGHT - TOP - BOTTOM);

const add = (name, attributes, parent = svg) => gm.svg(name, attributes, parent);

// Two pixels whose paths bend most, then a white one and a black one of the end, all apart from each other.
function choose(states, from, { width, height }) {
  const first = states[0], last = states[states.length - 1], size = width * height, bends = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const start = first.x[from + i], change = last.x[from + i] - start;
    for (const { time, x } of states) {
      const straight = start + change * (time - first.time) / (1 - first.time);
      bends[i] = Math.max(bends[i], Math.abs(x[from + i] - straight));
    }
  }
  const centered = (i) => 1 - Math.hypot(i % width - width / 2, Math.floor(i / width) - height / 2) / width;
  const orders = [(i) => bends[i], (i) => bends[i], (i) => last.x[from + i] - 0.01 * bends[i],
    (i) => centered(i) - 2 * last.x[from + i]];
  const found = [];
  for (const order of orders) {
    let best = -1;
    for (let i = 0; i < size; i++) {
      const isApart = found.every((j) => Math.hypot(i % width - j % width,
        Math.floor(i / width) - Math.floor(j / width)) >= MIN_APART);
      if (isApart && (best < 0 || order(i) > order(best))) best = i;
    }
    if (best >= 0) found.push(best);
  }
  return found;
}

function axes() {
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  for (const [level, key] of [[1, 'noise.paths.white'], [-1, 'noise.paths.black']]) {
    add('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: toY(level), y2: toY(level), class: 'gm-axis' });
    gm.setText(add('text', { x: LEFT - 6, y: toY(level) + 4, 'text-anchor': 'end' }), key);
  }
  for (const [time, key, anchor] of [[0, 'noise.paths.start', 'start'], [1, 'noise.paths.end', 'end']]) {
    gm.setText(add('text', { x: toX(time), y: HEIGHT - 8, 'text-anchor': anchor }), key);
  }
}

let now = null;  // the line of the present

return {
  COLORS,

  // Of the image whose numbers begin at `from`. Returns the numbers of its pixels that are shown.
  draw(states, from, size) {
    svg.replaceChildren();
    axes();
    const pixels = choose(states, from, size), first = states[0], last = states[states.length - 1];
    pixels.forEach((pixel, k) => {
      const at = ({ time, x }) => `${toX(time).toFixed(1)},${toY(x[from + pixel]).toFixed(1)}`;
      add('polyline', { points: [first, last].map(at).join(' '), stroke: COLORS[k], class: 'gm-straight' });
      add('polyline', { points: states.map(at).join(' '), stroke: COLORS[k] });
      if (states.length > 25) return;
      states.forEach(({ time, x }) => {
        add('circle', { cx: toX(time), cy: toY(x[from + pixel]), r: 2.5, fill: COLORS[k] });
      });
    });
    now = add('line', { y1: TOP, y2: HEIGHT - BOTTOM, class: 'gm-now' });
    return pixels;
  },

  mark(time) {
    if (!now) return;
    now.setAttribute('x1', toX(time));
    now.setAttribute('x2', toX(time));
  },
};
