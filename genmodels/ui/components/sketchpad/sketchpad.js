const find = (selector) => element.querySelector(selector);
const canvas = find('.gm-canvas'), context = canvas.getContext('2d', { willReadFrequently: true });
const undo = find('.gm-undo'), fileInput = find('.gm-file');
const error = find('.gm-error');
const MAX_SIDE = 1600;  // larger pictures are shrunk before they are sent
const SVG_SIDE = 800, JPEG_QUALITY = 0.92;
const MAX_UNDO = 20, LINE_WIDTH = 20;
const undoStack = [];  // of what was on the canvas: { pixels, value, photo }
let penPosition = null, pointer = null;  // of the stroke in progress
let strokes = 0;
let isFirst = true;  // whether the canvas shows what was there before anything was done
let choices = 0;  // what the visitor has done so far; a picture that is still being read has been overtaken by more

function fillBlack() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
}
// Photos are not shown as ink on paper.
const isPhoto = () => canvas.classList.contains('gm-photo');
const setPhoto = (on) => canvas.classList.toggle('gm-photo', on);

// To who shows what becomes of a stroke while it is drawn; null: something else is on the canvas.
function tellStroke(detail) {
  canvas.dispatchEvent(new CustomEvent('gm-stroke', { detail, bubbles: true }));
}
function submit(value, isStroke = false) {
  choices++;
  isFirst = false;
  if (!isStroke) tellStroke(null);
  gm.setWords(error, '');
  props.value = value;
  trigger('input');
}
function saveUndoState() {
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  undoStack.push({ pixels, value: props.value, photo: isPhoto() });
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
  setPhoto(smooth);
  paintOnCanvas(image, smooth);
}
function paintOnCanvas(image, smooth) {
  fillBlack();
  const { width, height } = image, scale = Math.min(canvas.width / width, canvas.height / height);
  const w = width * scale, h = height * scale;
  context.imageSmoothingEnabled = smooth;
  context.drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}
function drawDot(at) {  // browsers differ in whether a line without length has ends
  context.fillStyle = '#fff';
  context.beginPath();
  context.arc(...at, LINE_WIDTH / 2, 0, 2 * Math.PI);
  context.fill();
}
function drawLine(from, to) {
  Object.assign(context, { strokeStyle: '#fff', lineWidth: LINE_WIDTH, lineCap: 'round', lineJoin: 'round' });
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
canvas.addEventListener('pointerdown', (event) => {
  if (penPosition || event.button) return;  // a second finger, or another button
  choices++;
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  saveUndoState();
  if (isFirst) fillBlack();
  isFirst = false;
  penPosition = canvasPosition(event);
  drawDot(penPosition);
  tellStroke({ context, number: ++strokes });
});
canvas.addEventListener('pointermove', (event) => {
  if (!penPosition || event.pointerId !== pointer) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
    const to = canvasPosition(part);
    drawLine(penPosition, to);
    penPosition = to;
  }
  tellStroke({ context, number: strokes });
});
canvas.addEventListener('lostpointercapture', (event) => {  // however the stroke ends
  if (!penPosition || event.pointerId !== pointer) return;
  penPosition = null;
  submit({ image: canvas.toDataURL('image/png'), center: true, stroke: strokes }, true);
});
undo.addEventListener('click', () => {
  const { pixels, value, photo } = undoStack.pop();
  setPhoto(photo);
  context.putImageData(pixels, 0, 0);
  undo.disabled = !undoStack.length;
  submit(value);
});
find('.gm-clear').addEventListener('click', () => {
  saveUndoState();
  fillBlack();
  setPhoto(false);
  submit(null);
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

// Put white behind what is transparent, or black behind a light drawing, as ``_colors`` of api/uploads.py does.
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
  const mine = ++choices;
  try {
    const { shown, shrunk } = await decode(file);
    fillBehind(shown);
    const asItIs = !shrunk && props.media_types.includes(file.type) && file.size <= props.max_bytes;
    const image = asItIs ? await toDataURI(file) : shown.toDataURL('image/jpeg', JPEG_QUALITY);
    if (mine !== choices) return;
    showOnCanvas(shown, true);
    submit({ image, center: true, picture: true });
  } catch {
    if (mine === choices) gm.setText(error, 'error.not_a_picture');
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
  if (!file || !canvas.offsetParent) return;  // no picture, or another tab is open
  const field = event.target.closest('input,textarea,[contenteditable]');
  if (field && !element.closest('.gradio-container').contains(field)) return;  // of the page that we are an element of
  event.preventDefault();
  readPicture(file);
});
element.addEventListener('dragover', (event) => event.preventDefault());  // else the browser would open what is dropped
element.addEventListener('drop', (event) => {
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  if (file) readPicture(file);
});

// An image from a strip, or from another activity, as it is: it is framed already.
function showFramed(image, isPiece) {
  showOnCanvas(image, false);
  submit({ image: image.toDataURL('image/png'), center: false, isPiece });
}
document.addEventListener('gm-example', ({ detail: { image, isPiece } }) => {
  if (canvas.offsetParent) showFramed(image, isPiece);  // else it is an example of another activity
});
fillBlack();
if (props.value) {
  const image = new Image();
  image.onload = () => { if (isFirst) paintOnCanvas(image, false); };
  image.src = props.value.image;
}

let brought = null;
gm.state.bind('picture', element, () => brought, (picture) => {
  const image = document.createElement('canvas'), [height, width] = picture.shape;
  brought = picture;
  gm.paint(image, gm.decodeBase64(picture.pixels), width, height);
  showFramed(image, false);
});
