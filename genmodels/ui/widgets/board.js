const find = (name) => element.querySelector(name);
const pad = find('.gm-pad'), map = find('.gm-map'), cross = find('.gm-cross'), picture = find('.gm-picture');
const caption = find('.gm-caption'), sliders = find('.gm-sliders'), categories = find('.gm-categories');
const problem = find('.gm-problem'), more = find('.gm-more'), noise = find('.gm-noise');
const MAP = 18;  // pictures along each side of the map
const FIRST = 12;  // sliders shown until more are asked for
const maps = {};
let spec = null, z = [], category = 0, rows = [], rest = null, pixels = null, side = 28, decoder = null;

function paint(bytes, size) {
  problem.textContent = '';
  side = size;
  pixels = bytes;
  gm.paint(picture, pixels, side, side);
  element.dataset.painted = Number(element.dataset.painted || 0) + 1;
}

// The picture as the server draws it, for as long as the page cannot.
const ask = gm.live('decode', (args) => args, (answer, args) => {
  if (args.model !== spec.model || decoder) return;
  if (answer.error) problem.textContent = answer.error;
  else paint(answer.bytes, answer.w);
});

async function fetchDecoder(model) {
  const found = await gm.engine.load(model);
  if (spec.model !== model || !found) return;
  decoder = found;
  element.dataset.engine = 'page';
  draw();
}

function draw() {
  if (decoder) paint(decoder.decode(z, category || 0), decoder.plan.side);
  else ask({ model: spec.model, z, category: category || 0 });
}

function fixed(value) { return (value < 0 ? '\u2212' : '') + Math.abs(value).toFixed(2); }

// Everything on screen follows from z and category.
function refresh(settled) {
  draw();
  rows.forEach((row) => {
    const value = z[row.spec.column];
    row.input.value = value;
    row.input.setAttribute('aria-valuetext', row.spec.title + ' ' + fixed(value));
    row.output.textContent = fixed(value);
  });
  if (spec.extent) {
    cross.style.left = (z[0] / spec.extent + 1) * 50 + '%';
    cross.style.top = (1 - z[1] / spec.extent) * 50 + '%';
    caption.textContent = 'z0 = ' + fixed(z[0]) + ', z1 = ' + fixed(z[1]);
  }
  categories.querySelectorAll('input').forEach((radio) => { radio.checked = Number(radio.value) === category; });
  clearTimeout(rest);
  rest = setTimeout(() => {
    props.value = { ...spec, z: z.map((v) => Math.round(v * 1000) / 1000), category };
    trigger('input');
  }, settled ? 0 : 300);
}

function slider(entry, index) {
  const row = document.createElement('label');
  row.className = 'gm-slider';
  const name = document.createElement('span'), input = document.createElement('input');
  const output = document.createElement('output');
  output.setAttribute('aria-live', 'off');  // the slider says it itself
  name.textContent = entry.title;
  if (entry.note) {
    const note = document.createElement('small');
    note.textContent = entry.note;
    name.append(' ', note);
  }
  Object.assign(input, { type: 'range', min: entry.low, max: entry.high, step: 0.01, className: 'gm-range' });
  input.setAttribute('aria-label', entry.title + (entry.note ? ', ' + entry.note : ''));
  input.addEventListener('input', () => { z[entry.column] = Number(input.value); refresh(); });
  row.addEventListener('dblclick', () => { z[entry.column] = 0; refresh(true); });
  row.append(name, input, output);
  row.classList.toggle('gm-hidden', index >= FIRST);
  sliders.append(row);
  return { spec: entry, row, input, output };
}

async function show() {
  const value = props.value;
  if (!value || !value.model) return;
  if (spec && spec.model === value.model && value.z === z) return;
  const fresh = !spec || spec.model !== value.model;
  spec = value;
  z = value.z.slice();
  category = value.category;
  if (fresh) {
    decoder = null;
    element.dataset.engine = 'server';
    fetchDecoder(spec.model);
    sliders.replaceChildren();
    const shown = spec.sliders.filter((s) => s.shown);
    rows = shown.map(slider);
    more.classList.toggle('gm-hidden', shown.length <= FIRST);
    more.textContent = 'Show all ' + shown.length;
    noise.classList.toggle('gm-hidden', shown.length === spec.sliders.length);
    categories.classList.toggle('gm-hidden', !spec.categories);
    categories.querySelectorAll('label').forEach((label) => label.remove());
    categories.querySelector('legend').textContent = spec.category_label || '';
    const order = (spec.categories || []).map((name, index) => ({ name, index }));
    order.sort((a, b) => a.name.localeCompare(b.name));
    order.forEach(({ name, index }) => {
      const label = document.createElement('label'), radio = document.createElement('input');
      const text = document.createElement('span');
      label.className = 'gm-option';
      Object.assign(radio, { type: 'radio', name: 'gm-category', value: index });
      radio.addEventListener('change', () => { category = index; refresh(true); });
      text.textContent = name;
      label.append(radio, text);
      categories.append(label);
    });
    pad.classList.toggle('gm-hidden', !spec.extent);
    element.firstElementChild.classList.toggle('gm-mapped', Boolean(spec.extent));
    caption.textContent = '';
  }
  refresh(true);
  if (spec.extent) drawMap(spec.model);
}

async function drawMap(model) {
  const answer = maps[model] || await gm.draw('latent_grid', [{ model, side: MAP, extent: spec.extent }]);
  if (spec.model !== model) return;
  if (answer.error) { problem.textContent = answer.error; return; }
  maps[model] = answer;
  const [{ bytes, n, h, w }] = answer.drawn, whole = new Uint8Array(n * h * w);
  for (let i = 0; i < n; i++) {
    const top = Math.floor(i / MAP) * h, left = (i % MAP) * w;
    for (let y = 0; y < h; y++) {
      whole.set(bytes.subarray((i * h + y) * w, (i * h + y + 1) * w), (top + y) * MAP * w + left);
    }
  }
  gm.paint(map, whole, MAP * w, MAP * h);
}

const clamp = (value) => Math.min(spec.extent, Math.max(-spec.extent, value));
function point(event) {
  const box = pad.getBoundingClientRect();
  z[0] = clamp(((event.clientX - box.left) / box.width * 2 - 1) * spec.extent);
  z[1] = clamp((1 - (event.clientY - box.top) / box.height * 2) * spec.extent);
  refresh();
}
pad.addEventListener('pointerdown', (event) => { pad.setPointerCapture(event.pointerId); point(event); });
pad.addEventListener('pointermove', (event) => { if (pad.hasPointerCapture(event.pointerId)) point(event); });
pad.addEventListener('keydown', (event) => {
  const step = event.shiftKey ? 0.5 : 0.1;
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!move && event.key !== 'Home') return;
  event.preventDefault();
  z = move ? [clamp(z[0] + move[0] * step), clamp(z[1] + move[1] * step)] : [0, 0];
  refresh();
});

async function redraw(keep) {
  const model = spec.model;
  const answer = await server.draw({ model, seed: Math.floor(Math.random() * 4294967296) });
  if (spec.model !== model) return;
  if (answer.error) { problem.textContent = answer.error; return; }
  const old = z;
  z = answer.z.slice();
  if (keep) rows.forEach((row) => { z[row.spec.column] = old[row.spec.column]; });
  refresh(true);
}
find('.gm-reset').addEventListener('click', () => {
  rows.forEach((row) => { z[row.spec.column] = 0; });
  refresh(true);
});
find('.gm-random').addEventListener('click', () => redraw(false));
noise.addEventListener('click', () => redraw(true));
more.addEventListener('click', () => {
  rows.forEach((row) => row.row.classList.remove('gm-hidden'));
  more.classList.add('gm-hidden');
});
find('.gm-save').addEventListener('click', () => gm.sheet(pixels, 1, side, side, 1, 16, spec.model + '.png'));
watch('value', show);
show();
