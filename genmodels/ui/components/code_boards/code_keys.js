// Pointer and keys on the boards and the palette. No component by itself: the boards call this with their own element
// and, as props, { tileAt(level, event), sizes(): rows and columns of the boards, marked(): the tile under pointer or
// keys, or null; point(tile or null, byKeys), choose(tile, byKeys): tiles are { level, tile } }.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const boards = [...element.querySelectorAll('.gm-code-board')];
let last = boards[0];  // from which keys went to the palette

function moved(level, from, key) {
  const [rows, columns] = props.sizes()[level], [dx, dy] = STEPS[key];
  const x = from % columns + dx, y = Math.floor(from / columns) + dy;
  return x < 0 || y < 0 || x >= columns || y >= rows ? from : y * columns + x;
}

boards.forEach((board, level) => {
  const tileAt = (event) => {
    const tile = props.tileAt(level, event);
    return tile === null ? null : { level, tile };
  };
  board.addEventListener('pointermove', (event) => {
    const one = event.pointerType === 'touch' ? null : tileAt(event);
    if (one) props.point(one, false);
  });
  board.addEventListener('pointerleave', () => props.point(null, false));
  board.addEventListener('click', (event) => {
    const one = tileAt(event);
    if (one) props.choose(one, false);
  });
  board.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const old = props.marked(), from = old && old.level === level ? old.tile : 0;
    if (event.key in STEPS) {
      props.point({ level, tile: old && old.level === level ? moved(level, from, event.key) : from }, true);
    } else if (event.key === 'Enter' || event.key === ' ') {
      last = board;
      props.choose({ level, tile: from }, true);
    } else {
      return;
    }
    event.preventDefault();
  });
});

element.querySelector('.gm-code-palette').addEventListener('keydown', (event) => {
  const button = event.target.closest('.gm-code-choice');
  const next = { ArrowRight: button.nextElementSibling, ArrowLeft: button.previousElementSibling }[event.key];
  if (event.key === 'Escape') last.focus();
  else if (next) next.focus();
  else return;
  event.preventDefault();
});
