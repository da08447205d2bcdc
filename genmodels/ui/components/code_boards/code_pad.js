// A small pad for a drawing that is to be encoded. No component by itself: the boards call this with their own element
// and, as props, { drawn(levels, isDone): gray levels of the framed drawing, while it is drawn and after a stroke }.
const pad = element.querySelector('.gm-code-pad'), pen = pad.getContext('2d', { willReadFrequently: true });
const LINE_WIDTH = 22;
let at = null, isExample = false, waiting = false;

function clear() {
  pen.fillStyle = '#000';
  pen.fillRect(0, 0, pad.width, pad.height);
  isExample = false;
}
const positionOf = ({ clientX, clientY }) => {
  const { left, top, width, height } = pad.getBoundingClientRect();
  return [(clientX - left) / width * pad.width, (clientY - top) / height * pad.height];
};
function drawTo(point) {
  Object.assign(pen, { strokeStyle: '#fff', lineWidth: LINE_WIDTH, lineCap: 'round', lineJoin: 'round' });
  pen.beginPath();
  pen.moveTo(...at);
  pen.lineTo(...point);
  pen.stroke();
  at = point;
}
function tell(isDone) {
  waiting = false;
  const levels = gm.frameInk(pen);
  if (levels) props.drawn(levels, isDone);
}
function tellSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { if (waiting) tell(false); });
}

pad.addEventListener('pointerdown', (event) => {
  if (at || event.button) return;
  pad.setPointerCapture(event.pointerId);
  if (isExample) clear();
  at = positionOf(event);
  drawTo(at);
  tellSoon();
});
pad.addEventListener('pointermove', (event) => {
  if (!at) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) drawTo(positionOf(part));
  tellSoon();
});
pad.addEventListener('lostpointercapture', () => {
  at = null;
  tell(true);
});
element.querySelector('.gm-code-clear').addEventListener('click', clear);
document.addEventListener('gm-example', ({ detail: { image } }) => {
  if (!element.offsetParent || image.width !== gm.INK_SIDE || image.height !== gm.INK_SIDE) return;
  const { data } = image.getContext('2d').getImageData(0, 0, image.width, image.height);
  clear();
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, 0, 0, pad.width, pad.height);
  isExample = true;
  props.drawn(Uint8Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]), true);  // framed already
});
clear();
