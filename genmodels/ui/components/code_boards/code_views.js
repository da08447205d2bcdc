// How boards, picture and palette are shown. No component by itself: the boards call this with their own element and,
// as props, their `tiles` (code_tiles.js).
const find = (selector) => element.querySelector(selector), { tiles } = props;
const image = find('.gm-code-image'), touched = find('.gm-code-touched'), place = find('.gm-code-place');
const boards = [...element.querySelectorAll('.gm-code-board')], palette = find('.gm-code-palette');
const stroke = find('.gm-code-stroke');
const TILE_SIDES = [32, 24];  // of a tile on its canvas, by level
const LEAST_CHANGE = 4;  // gray levels; fainter changes are not shown
const MARK = '#f97316';
let network = null;

// The tiles of the other board that cover the same place as a tile, as [first row, first column, side].
function counterpart({ level, tile }) {
  const columns = network.sizes[level][1], row = Math.floor(tile / columns), column = tile % columns;
  const ratio = network.sizes[1][1] / network.sizes[0][1];
  return level ? [Math.floor(row / ratio), Math.floor(column / ratio), 1] : [ratio * row, ratio * column, ratio];
}

// shown: the boards; marked: { level, tile } under pointer or keys, or null.
function paintBoard(level, shown, marked) {
  const [rows, columns] = network.sizes[level], side = TILE_SIDES[level], codes = shown[level];
  const canvas = boards[level].querySelector('canvas'), context = canvas.getContext('2d');
  if (canvas.width !== side * columns) Object.assign(canvas, { width: side * columns, height: side * rows });
  context.clearRect(0, 0, canvas.width, canvas.height);
  const same = marked && marked.level === level ? codes[marked.tile] : -1;
  const frame = (row, column, count) => {
    Object.assign(context, { strokeStyle: MARK, lineWidth: 4 });
    context.strokeRect(column * side + 1, row * side + 1, count * side - 2, count * side - 2);
  };
  codes.forEach((code, at) => {
    if (code < 0) return;
    const x = at % columns * side, y = Math.floor(at / columns) * side;
    context.globalAlpha = same >= 0 && code !== same ? 0.35 : 1;
    tiles.draw(context, level, code, x + 0.5, y + 0.5, side - 1);
  });
  context.globalAlpha = 1;
  if (!marked) return;
  if (marked.level === level) frame(Math.floor(marked.tile / columns), marked.tile % columns, 1);
  else frame(...counterpart(marked));
}

// Where the picture changes when the marked tile is emptied.
function paintTouched(shown, levels, marked) {
  const context = touched.getContext('2d'), { width, height, sizes } = network;
  context.clearRect(0, 0, width, height);
  place.hidden = !marked;
  if (!marked) return;
  const [rows, columns] = sizes[marked.level];
  Object.assign(place.style, { left: `${100 * (marked.tile % columns) / columns}%`, width: `${100 / columns}%`,
    top: `${100 * Math.floor(marked.tile / columns) / rows}%`, height: `${100 / rows}%` });
  if (shown[marked.level][marked.tile] < 0) return;
  const without = shown.map((codes) => codes.slice());
  without[marked.level][marked.tile] = -1;
  const other = network.decode(without), pixels = context.createImageData(width, height);
  for (let i = 0; i < other.length; i++) {
    const change = Math.abs(other[i] - levels[i]);
    if (change >= LEAST_CHANGE) pixels.data.set([249, 115, 22, Math.min(200, 60 + change)], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}

return {
  begin(found) {
    network = found;
    for (const canvas of [image, touched]) Object.assign(canvas, { width: network.width, height: network.height });
    network.sizes.forEach(([rows, columns], level) => {
      const caption = boards[level].parentElement.querySelector('figcaption');
      gm.setText(caption, level ? 'boards.fine' : 'boards.coarse', { rows, columns });
    });
  },

  // Paint boards and their picture; returns its gray levels.
  paint(shown, marked) {
    const levels = network.decode(shown);
    gm.paint(image, levels, network.width, network.height);
    paintTouched(shown, levels, marked);
    [0, 1].forEach((level) => paintBoard(level, shown, marked));
    return levels;
  },

  // The stroke of the marked tile, large; null clears it.
  paintStroke(level, code) {
    const context = stroke.getContext('2d');
    context.clearRect(0, 0, stroke.width, stroke.height);
    if (code >= 0) tiles.draw(context, level, code, 0, 0, stroke.width);
  },

  // All codes by their probability at a place; code: the one that stands there. choose(code) is called by a click.
  fillPalette(level, code, probabilities, choose) {
    const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
    palette.replaceChildren(...order.map((one) => {
      const button = document.createElement('button'), canvas = document.createElement('canvas');
      const share = document.createElement('span'), values = { code: one, probability: probabilities[one] };
      Object.assign(canvas, { width: 32, height: 32 });
      tiles.draw(canvas.getContext('2d'), level, one, 0, 0, 32);
      Object.assign(button, { type: 'button', className: 'gm-code-choice' });
      button.dataset.code = one;
      button.setAttribute('aria-pressed', one === code);
      gm.setText(button, 'boards.choice', values, 'aria-label');
      gm.setText(share, probabilities[one] < 0.01 ? 'boards.share.small' : 'boards.share', values);
      button.append(canvas, share);
      button.addEventListener('click', () => choose(one));
      return button;
    }));
  },

  // The sentence on a tile; next: the place in the order of the first empty tile. probability: of its code there.
  sentence({ level, tile }, shown, next, probability) {
    const columns = network.sizes[level][1], codes = shown[level], code = codes[tile];
    const values = { board: { key: level ? 'boards.of.fine' : 'boards.of.coarse' }, code, probability,
      row: Math.floor(tile / columns) + 1, column: tile % columns + 1, times: codes.filter((c) => c === code).length };
    if (code < 0) return { key: network.places[level][tile] === next ? 'boards.tile.next' : 'boards.tile.later', values };
    return { key: probability === undefined ? 'boards.tile' : 'boards.tile.chosen', values };
  },

  clearPalette() { palette.replaceChildren(); },

  // The tile of a board at a pointer.
  tileAt(level, { clientX, clientY }) {
    const box = boards[level].getBoundingClientRect(), [rows, columns] = network.sizes[level];
    const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return within((clientY - box.top) / box.height, rows) * columns + within((clientX - box.left) / box.width, columns);
  },
};
