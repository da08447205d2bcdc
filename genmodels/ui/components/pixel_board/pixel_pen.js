// The visitor's pen on the board's picture, with Undo and Clear. No component by itself: the board calls this with its
// own element and, as props, { drawing(): { white, width, height } to be drawn in, or null; changed(first): pixels have
// changed, from this one on; ended(): a stroke has }.
const find = (selector) => element.querySelector(selector);
const pad = find('.gm-pixel-picture'), undo = find('.gm-pixel-undo');
const RADIUS = 1.1;  // in pixels: strokes are about as wide as those of MNIST
const undoable = gm.undoable(undo, () => props.drawing().white.slice(), set);

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

const pen = gm.followPointer(pad, {
  size() {
    const { width, height } = props.drawing();
    return [width, height];
  },
  begin() {
    if (!props.drawing()) return false;
    undoable.save();
    return true;
  },
  draw: stroke,
  end() { props.ended(); },
});
find('.gm-pixel-clear').addEventListener('click', () => {
  undoable.save();
  set(new Uint8Array(props.drawing().white.length));
});

return {
  isDown: pen.isDown,

  replace(white) {
    undoable.save();
    set(white);
  },

  // Turn a pixel black or white.
  turn(pixel) {
    const { white } = props.drawing();
    undoable.save();
    white[pixel] = 1 - white[pixel];
    props.changed(pixel);
  },
};
