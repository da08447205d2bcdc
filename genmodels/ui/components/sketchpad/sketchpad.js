const find = (selector) => element.querySelector(selector);
const canvas = find('.gm-canvas'), context = canvas.getContext('2d', { willReadFrequently: true });
const undo = find('.gm-undo'), fileInput = find('.gm-file');
const error = find('.gm-error');
const MAX_UPLOAD_BYTES = 8e6;  // the server's limit too
const MAX_UNDO = 20, LINE_WIDTH = 20;
const INK_LEVEL = 30;  // a canvas without a brighter pixel counts as empty
const undoStack = [];
let penPosition = null;  // of the stroke in progress

function fillBlack() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
}
function submit(image, center) {
  gm.setWords(error, '');
  props.value = { image, center };
  trigger('input');
}
function saveUndoState() {
  undoStack.push(context.getImageData(0, 0, canvas.width, canvas.height));
  if (undoStack.length > MAX_UNDO) undoStack.shift();
  undo.disabled = false;
}
function canvasPosition(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * canvas.width, (event.clientY - box.top) / box.height * canvas.height];
}
// An image as large as fits, in the middle.
function showOnCanvas(image, smooth) {
  saveUndoState();
  fillBlack();
  const { width, height } = image, scale = Math.min(canvas.width / width, canvas.height / height);
  const w = width * scale, h = height * scale;
  context.imageSmoothingEnabled = smooth;
  context.drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}
function drawLine(from, to) {
  Object.assign(context, { strokeStyle: '#fff', lineWidth: LINE_WIDTH, lineCap: 'round', lineJoin: 'round' });
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId);
  saveUndoState();
  penPosition = canvasPosition(event);
  drawLine(penPosition, penPosition);
});
canvas.addEventListener('pointermove', (event) => {
  if (!penPosition) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
    const to = canvasPosition(part);
    drawLine(penPosition, to);
    penPosition = to;
  }
});
const endStroke = () => {
  if (!penPosition) return;
  penPosition = null;
  submit(canvas.toDataURL('image/png'), true);
};
canvas.addEventListener('pointerup', endStroke);
canvas.addEventListener('pointercancel', endStroke);
undo.addEventListener('click', () => {
  context.putImageData(undoStack.pop(), 0, 0);
  undo.disabled = !undoStack.length;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const empty = !data.some((v, i) => i % 4 === 0 && v > INK_LEVEL);
  submit(empty ? '' : canvas.toDataURL('image/png'), true);
});
find('.gm-clear').addEventListener('click', () => {
  saveUndoState();
  fillBlack();
  submit('', true);
});
find('.gm-upload').addEventListener('click', () => fileInput.click());
fileInput.addEventListener('change', () => {
  const file = fileInput.files[0];
  fileInput.value = '';
  if (!file) return;
  if (file.size > MAX_UPLOAD_BYTES) {
    gm.setText(error, 'error.file_too_large', { limit: MAX_UPLOAD_BYTES / 1e6 });
    return;
  }
  const reader = new FileReader();
  reader.onload = () => {
    submit(reader.result, true);
    const image = new Image();  // a preview if the browser can read it; the server decides whether it is valid
    image.onload = () => showOnCanvas(image, true);
    image.src = reader.result;
  };
  reader.readAsDataURL(file);
});

// An example from the strip, as it is: it is framed already.
document.addEventListener('gm-example', ({ detail: { image } }) => {
  showOnCanvas(image, false);
  submit(image.toDataURL('image/png'), false);
});
fillBlack();
