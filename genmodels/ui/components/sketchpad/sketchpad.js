const find = (selector) => element.querySelector(selector);
const canvas = find('.gm-canvas'), context = canvas.getContext('2d', { willReadFrequently: true });
const undo = find('.gm-undo'), fileInput = find('.gm-file');
const error = find('.gm-error');
const MAX_UPLOAD_BYTES = 8e6, MAX_SIDE = 1600;  // larger pictures are shrunk before they are sent
const SERVER_FORMATS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/bmp'];  // sent as they are
const SVG_SIDE = 800, JPEG_QUALITY = 0.92;
const MAX_UNDO = 20, LINE_WIDTH = 20;
const INK_LEVEL = 30;  // a canvas without a brighter pixel counts as empty
const undoStack = [];
let penPosition = null, pointer = null;  // of the stroke in progress
let picturesRead = 0;

function fillBlack() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
}
// center: whether the ink is to be scaled and centered; more: what else the server should know.
function submit(image, center, more = {}) {
  gm.setWords(error, '');
  props.value = { image, center, ...more };
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
  if (penPosition) return;  // a second finger
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  saveUndoState();
  penPosition = canvasPosition(event);
  drawLine(penPosition, penPosition);
});
canvas.addEventListener('pointermove', (event) => {
  if (!penPosition || event.pointerId !== pointer) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
    const to = canvasPosition(part);
    drawLine(penPosition, to);
    penPosition = to;
  }
});
const endStroke = (event) => {
  if (!penPosition || event.pointerId !== pointer) return;
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

// ---- Pictures: uploaded, pasted or dropped

// What the browser shows of a file, upright, at most MAX_SIDE a side, on a canvas of its own.
async function decode(file) {
  const image = new Image(), url = URL.createObjectURL(file);
  try {
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image, side = Math.max(width, height);
    const scale = file.type === 'image/svg+xml' ? SVG_SIDE / side : Math.min(1, MAX_SIDE / side);
    const shown = document.createElement('canvas');
    shown.width = Math.max(1, Math.round(width * scale));
    shown.height = Math.max(1, Math.round(height * scale));
    shown.getContext('2d').drawImage(image, 0, 0, shown.width, shown.height);
    return { shown, shrunk: scale !== 1 };
  } finally {
    URL.revokeObjectURL(url);
  }
}

// Put white behind what is transparent, or black behind a light drawing, as the server does.
function fillBehind(picture) {
  const small = document.createElement('canvas');
  small.width = small.height = 64;
  const pen = small.getContext('2d');
  pen.drawImage(picture, 0, 0, small.width, small.height);
  const { data } = pen.getImageData(0, 0, small.width, small.height);
  let opacity = 0, light = 0;
  for (let i = 0; i < data.length; i += 4) {
    opacity += data[i + 3];
    light += data[i + 3] * (0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
  }
  const behind = picture.getContext('2d');
  behind.globalCompositeOperation = 'destination-over';
  behind.fillStyle = opacity / (data.length / 4) < 128 && light / opacity >= 128 ? '#000' : '#fff';
  behind.fillRect(0, 0, picture.width, picture.height);
}

const toDataURI = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.onerror = failed;
  reader.readAsDataURL(file);
});

async function readPicture(file) {
  const mine = ++picturesRead;
  try {
    const { shown, shrunk } = await decode(file);
    fillBehind(shown);
    const asItIs = !shrunk && SERVER_FORMATS.includes(file.type) && file.size <= MAX_UPLOAD_BYTES;
    const image = asItIs ? await toDataURI(file) : shown.toDataURL('image/jpeg', JPEG_QUALITY);
    if (mine !== picturesRead) return;  // another one was chosen meanwhile
    showOnCanvas(shown, true);
    submit(image, true, { picture: true });
  } catch {
    if (mine === picturesRead) gm.setText(error, 'error.not_a_picture');
  }
}

find('.gm-upload').addEventListener('click', () => fileInput.click());
fileInput.addEventListener('change', () => {
  const file = fileInput.files[0];
  fileInput.value = '';
  if (file) readPicture(file);
});
document.addEventListener('paste', (event) => {
  const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
  if (!file || !element.offsetParent) return;  // no picture, or another tab is open
  event.preventDefault();
  readPicture(file);
});
element.addEventListener('dragover', (event) => event.preventDefault());  // else the browser would open what is dropped
element.addEventListener('drop', (event) => {
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  if (file) readPicture(file);
});

// An image from a strip, as it is: it is framed already.
document.addEventListener('gm-example', ({ detail: { image, isPiece } }) => {
  showOnCanvas(image, false);
  submit(image.toDataURL('image/png'), false, { isPiece });
});
fillBlack();
