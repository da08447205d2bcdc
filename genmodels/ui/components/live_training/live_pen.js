// Points that the visitor draws on either plane, by finger, mouse or keys. No component by itself: the board calls this
// with its own element and, as props, { extent(): of the plane, isOn(): whether one may draw now, points(): what has been
// drawn, moved(): something else is to be seen, drawn(points): a stroke has ended, or a point has been set }.
const planes = [...element.querySelectorAll('.gm-live-plane')];
const APART = 0.12, MOST = 150;  // between the points of a stroke; how many there may be, for the address's sake
const KEY_STEP = 0.25;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
let stroke = null, at = null, cursor = [0, 0], isKeyed = false;

const clamp = (value) => Math.min(props.extent(), Math.max(-props.extent(), value));

function positionIn(plane, { clientX, clientY }) {
  const box = plane.getBoundingClientRect(), extent = props.extent();
  const shares = [(clientX - box.left) / box.width * 2 - 1, 1 - (clientY - box.top) / box.height * 2];
  return shares.map((share) => clamp(share * extent));
}

const round = (point) => point.map((value) => Math.round(100 * value) / 100);  // as the address holds them

// The pen goes straight to a point, and leaves others on its way.
function add([x, y], isFirst) {
  const [fromX, fromY] = isFirst ? [x, y] : at, length = Math.hypot(x - fromX, y - fromY);
  const count = isFirst ? 1 : Math.floor(length / APART);
  for (let i = 1; i <= count && stroke.length < MOST; i++) {
    const share = isFirst ? 1 : i * APART / length;
    at = [fromX + share * (x - fromX), fromY + share * (y - fromY)];
    stroke.push(round(at));
  }
  props.moved();
}

for (const plane of planes) {
  plane.addEventListener('pointerdown', (event) => {
    if (stroke || event.button || !props.isOn()) return;
    plane.setPointerCapture(event.pointerId);
    isKeyed = false;
    stroke = props.points().slice();
    add(positionIn(plane, event), true);
  });
  plane.addEventListener('pointermove', (event) => {
    if (!stroke) return;
    const parts = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
    parts.forEach((part) => add(positionIn(plane, part), false));
  });
  plane.addEventListener('lostpointercapture', () => {
    const points = stroke;
    stroke = null;
    props.drawn(points);
  });
  plane.addEventListener('keydown', (event) => {
    if (!props.isOn() || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in MOVES) cursor = cursor.map((value, k) => clamp(value + KEY_STEP * MOVES[event.key][k]));
    else if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    isKeyed = true;
    if (event.key in MOVES) props.moved();
    else props.drawn([...props.points(), cursor].slice(0, MOST));
  });
  plane.addEventListener('blur', () => {
    isKeyed = false;
    props.moved();
  });
}

return {
  // What is being drawn, as coordinates one after the other; null between strokes.
  points: () => (stroke ? stroke.flat() : null),

  // Where the keys are; null where they are not used.
  cursor: () => (isKeyed ? cursor : null),

  // Whether there is something to be drawn on, for keyboards and screen readers.
  offer(isOn) {
    for (const plane of planes) {
      if (isOn) plane.tabIndex = 0;
      else plane.removeAttribute('tabindex');
      if (!isOn) {
        for (const name of ['role', 'aria-label', 'data-t-aria-label']) plane.removeAttribute(name);
        continue;
      }
      plane.setAttribute('role', 'application');
      gm.setText(plane, 'live.plane.keys', undefined, 'aria-label');
    }
  },
};
