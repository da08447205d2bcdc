// The visitor's pen on the board's picture, with Undo and Clear. No component by itself: the board calls this with its
// own element and, as props, { drawing(): { white, width, height } to be drawn in, or null; changed(first): pixels have
// changed, from this one on; ended(): a stroke has }.
const find = (selector) => element.querySelector(selector);
const pad = find('.gm-pixel-picture'), undo = find('.gm-pixel-undo');
const RADIUS = 1.1;  // in pixels: strokes are about as wide as those of MNIST
const MAX_UNDO = 20;
const undoStack = [];
let at = null;  // of the stroke in progress: [x, y] in pixels

function positionIn({ clientX, clientY }) {
  const box = pad.getBoundingClientRect(), { width, height } = props.drawing();
  return [(clientX - box.left) / box.width * width, (clientY - box.top) / box.height * height];
}

function save() {
  undoStack.push(props.drawing().white.slice());
  if (undoStack.length > MAX_UNDO) undoStack.shift();
  undo.disabled = false;
}

function stroke([x0, y0], [x1, y1]) {
  const { white, width } = props.drawing(), dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
  const isNear = (x, y) => {
    const t = length ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length)) : 0;
    return Math.hypot(x - x0 - t * dx, y - y0 - t * dy) <= RADIUS;
  };
  let first = white.length;
  for (let i = white.length - 1; i >= 0; i--) {
    if (white[i] || !isNear(i % width + 0.5, Math.floor(i / width) + 0.5)) continue;
    white[i] = 1;
    first = i;
  }
  if (first < white.length) props.changed(first);
}

function set(white) {
  props.drawing().white.set(white);
  props.changed(0);
}

pad.addEventListener('pointerdown', (event) => {
  if (at || event.button || !props.drawing()) return;
  pad.setPointerCapture(event.pointerId);
  save();
  at = positionIn(event);
  stroke(at, at);
});
pad.addEventListener('pointermove', (event) => {
  if (!at) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
    const to = positionIn(part);
    stroke(at, to);
    at = to;
  }
});
pad.addEventListener('lostpointercapture', () => {
  at = null;
  props.ended();
});
undo.addEventListener('click', () => {
  set(undoStack.pop());
  undo.disabled = !undoStack.length;
});
find('.gm-pixel-clear').addEventListener('click', () => {
  save();
  set(new Uint8Array(props.drawing().white.length));
});

return {
  isDown: () => at !== null,

  replace(white) {
    save();
    set(white);
  },

  // Turn a pixel black or white.
  turn(pixel) {
    const { white } = props.drawing();
    save();
    white[pixel] = 1 - white[pixel];
    props.changed(pixel);
  },
};
