const paper = element.querySelector('.gm-paper'), context = paper.getContext('2d', { willReadFrequently: true });
const undo = element.querySelector('.gm-undo'), file = element.querySelector('.gm-file');
const problem = element.querySelector('.gm-problem'), examples = element.querySelector('.gm-examples');
const LARGEST = 8e6;  // bytes, as on the server
const before = [];
let stroke = null;

function blank() {
  context.fillStyle = '#000';
  context.fillRect(0, 0, paper.width, paper.height);
}
function send(picture, center) {
  problem.textContent = '';
  props.value = { picture, center };
  trigger('input');
}
function remember() {
  before.push(context.getImageData(0, 0, paper.width, paper.height));
  if (before.length > 20) before.shift();
  undo.disabled = false;
}
function place(event) {
  const box = paper.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * paper.width, (event.clientY - box.top) / box.height * paper.height];
}
function line(from, to) {
  Object.assign(context, { strokeStyle: '#fff', lineWidth: 20, lineCap: 'round', lineJoin: 'round' });
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
paper.addEventListener('pointerdown', (event) => {
  paper.setPointerCapture(event.pointerId);
  remember();
  stroke = place(event);
  line(stroke, stroke);
});
paper.addEventListener('pointermove', (event) => {
  if (!stroke) return;
  for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
    const to = place(part);
    line(stroke, to);
    stroke = to;
  }
});
const lift = () => {
  if (!stroke) return;
  stroke = null;
  send(paper.toDataURL('image/png'), true);
};
paper.addEventListener('pointerup', lift);
paper.addEventListener('pointercancel', lift);
undo.addEventListener('click', () => {
  context.putImageData(before.pop(), 0, 0);
  undo.disabled = !before.length;
  const empty = !context.getImageData(0, 0, paper.width, paper.height).data.some((v, i) => i % 4 === 0 && v > 30);
  send(empty ? '' : paper.toDataURL('image/png'), true);
});
element.querySelector('.gm-clear').addEventListener('click', () => {
  remember();
  blank();
  send('', true);
});
element.querySelector('.gm-upload').addEventListener('click', () => file.click());
file.addEventListener('change', () => {
  const chosen = file.files[0];
  file.value = '';
  if (!chosen) return;
  if (chosen.size > LARGEST) {
    problem.textContent = 'The file is larger than 8 MB; choose a smaller one.';
    return;
  }
  const reader = new FileReader();
  reader.onload = () => {
    send(reader.result, true);
    const image = new Image();  // shown as it is; whether it can be read is the server's word
    image.onload = () => {
      remember();
      blank();
      const scale = Math.min(paper.width / image.width, paper.height / image.height);
      const w = image.width * scale, h = image.height * scale;
      context.drawImage(image, (paper.width - w) / 2, (paper.height - h) / 2, w, h);
    };
    image.src = reader.result;
  };
  reader.readAsDataURL(chosen);
});

const { shape, pixels, alt } = props.examples, [n, h, w] = shape, bytes = gm.bytes(pixels);
for (let i = 0; i < n; i++) {
  const button = document.createElement('button'), tile = document.createElement('canvas');
  button.type = 'button';
  button.className = 'gm-cell gm-example';
  button.setAttribute('aria-label', alt[i]);
  button.title = alt[i];
  gm.paint(tile, bytes.subarray(i * w * h, (i + 1) * w * h), w, h);
  button.append(tile);
  button.addEventListener('click', () => {
    remember();
    blank();
    context.imageSmoothingEnabled = false;
    context.drawImage(tile, 0, 0, paper.width, paper.height);
    send(tile.toDataURL('image/png'), false);
  });
  examples.append(button);
}
blank();
