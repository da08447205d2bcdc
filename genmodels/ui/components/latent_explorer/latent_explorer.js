const find = (selector) => element.querySelector(selector);
const explorer = find('.gm-latent-explorer'), error = find('.gm-error');
const image = find('.gm-image'), caption = find('.gm-caption');
const sliders = find('.gm-sliders'), categories = find('.gm-categories');
const showAll = find('.gm-show-all'), newNoise = find('.gm-new-noise');
const reset = find('.gm-reset'), randomizeAll = find('.gm-randomize');
const MAX_SLIDERS = 12;  // shown before "Show all" is clicked
const SETTLE_MS = 300;  // without input before the event is triggered
let spec = null, z = [], category = 0, rows = [], settleTimer = null;
let pixels = null, shape = null;  // of the image shown
let decoder = null;  // the page's own, once it is loaded

// ---- The image

function paint(newPixels, newShape) {
  const [, h, w] = newShape;
  gm.setWords(error, '');
  if (!shape || h !== shape[1] || w !== shape[2]) explorer.style.setProperty('--image-aspect', w + ' / ' + h);
  [pixels, shape] = [newPixels, newShape];
  gm.paint(image, pixels, w, h);
}

// Decodes on the server, until the page has a decoder.
const requestImage = gm.streamRequests('decode', (args) => args, (answer, args) => {
  if (args.model !== spec.model || decoder) return;
  if (answer.error) gm.setWords(error, answer.error);
  else paint(answer.bytes, answer.shape);
});

async function loadDecoder(model) {
  const loaded = await gm.engine.load(model);
  if (spec.model !== model || !loaded) return;
  decoder = loaded;
  element.dataset.engine = 'page';
  decode();
}

function decode() {
  if (decoder) paint(decoder.decode(z, category || 0), decoder.shape);
  else requestImage({ model: spec.model, z, category: category || 0 });
}

// ---- The controls

const formatNumber = (value) => (value < 0 ? '\u2212' : '') + gm.number(Math.abs(value), '.2f');
const wordOf = (words) => (words && words.key ? gm.t(words.key, words.values) : words);

// Sliders, marker and buttons, as z and category are.
function showValues() {
  rows.forEach((row) => {
    const value = z[row.spec.column];
    row.input.value = value;
    row.input.setAttribute('aria-valuetext', wordOf(row.spec.words.title) + ' ' + formatNumber(value));
    row.output.textContent = formatNumber(value);
  });
  if (spec.map) {
    map.place(z[0], z[1]);
    caption.textContent = 'z0 = ' + formatNumber(z[0]) + ', z1 = ' + formatNumber(z[1]);
  }
  categories.querySelectorAll('input').forEach((radio) => { radio.checked = Number(radio.value) === category; });
}

const rounded = () => z.map((v) => Math.round(v * 1000) / 1000);

// Update all that depends on z and category.
function refresh(settled, byVisitor = true) {
  decode();
  showValues();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    props.value = { ...spec, z: rounded(), category };
    trigger('input');
    if (byVisitor) latents.changed();
  }, settled ? 0 : SETTLE_MS);
}

// As the page's other sliders, with what is known about the latent in small type.
function createSlider(entry, index) {
  const row = document.createElement('div'), label = document.createElement('label');
  const title = document.createElement('span'), name = document.createElement('span');
  const input = document.createElement('input'), output = document.createElement('output');
  const { words } = entry;
  row.className = 'gm-live-slider gm-slider';
  output.setAttribute('aria-live', 'off');  // screen readers announce the slider's own value text
  gm.setWords(name, words.title);
  title.append(name);
  for (const part of words.note ? words.note.values.notes : []) {
    const note = document.createElement('small');
    note.classList.toggle('gm-amount', Boolean(part.key));  // in words, not the latent's name
    gm.setWords(note, part);
    title.append(' ', note);
  }
  if (words.hint) gm.setWords(title, words.hint, 'title');
  Object.assign(input, { type: 'range', min: entry.low, max: entry.high, step: 0.01, className: 'gm-range' });
  gm.setText(input, 'latents.notes', { notes: [words.title, words.note].filter(Boolean) }, 'aria-label');
  input.addEventListener('input', () => { z[entry.column] = Number(input.value); refresh(); });
  row.addEventListener('dblclick', () => { z[entry.column] = 0; refresh(true); });
  label.append(title, input);
  row.append(label, output);
  row.hidden = index >= MAX_SLIDERS;
  sliders.append(row);
  return { spec: entry, element: row, input, output };
}

function createSliders() {
  const shown = spec.sliders.filter((s) => s.shown);
  sliders.replaceChildren();
  rows = shown.map(createSlider);
  showAll.hidden = shown.length <= MAX_SLIDERS;
  gm.setText(showAll, 'explorer.show_all', { count: shown.length });
  newNoise.hidden = shown.length === spec.z.length;
  reset.hidden = randomizeAll.hidden = !shown.length;
}

function createCategories() {
  categories.hidden = !spec.categories;
  categories.querySelectorAll('label').forEach((label) => label.remove());
  gm.setWords(categories.querySelector('legend'), spec.category_title || '');
  const order = (spec.categories || []).map((name, index) => ({ name, index }));
  order.sort((a, b) => wordOf(a.name).localeCompare(wordOf(b.name)));
  order.forEach(({ name, index }) => {
    const label = document.createElement('label'), radio = document.createElement('input');
    const text = document.createElement('span');
    label.className = 'gm-option';
    Object.assign(radio, { type: 'radio', name: 'gm-category', value: index });
    radio.addEventListener('change', () => { category = index; refresh(true); });
    gm.setWords(text, name);
    label.append(radio, text);
    categories.append(label);
  });
}

function show() {
  const value = props.value;
  if (!value || !value.model) return;
  if (spec && spec.model === value.model && value.z === z) return;
  const modelChanged = !spec || spec.model !== value.model;
  spec = value;
  element.dataset.shownModel = spec.model;
  z = value.z.slice();
  category = value.category;
  if (modelChanged) {
    decoder = null;
    element.dataset.engine = 'server';
    loadDecoder(spec.model);
    createSliders();
    createCategories();
    explorer.classList.toggle('gm-has-map', Boolean(spec.map));
    explorer.classList.toggle('gm-has-categories', Boolean(spec.categories));
    caption.textContent = '';
    map.show(spec);
  }
  refresh(true, false);
  code.arrived(category);
  latents.arrived(rounded());
}

// The state's latents are of the state's model: those of another one mean something else.
const code = gm.state.bind('code', element, () => (spec && spec.categories ? category : undefined), (index) => {
  if (!spec || !spec.categories || !(index in spec.categories)) return;
  category = index;
  refresh(true, false);
});
const latents = gm.state.bind('latents', element, () => spec && rounded(), (wish) => {
  if (!spec || wish.length !== z.length || (gm.state.get('model') || spec.model) !== spec.model) return;
  z = wish.slice();
  refresh(true, false);
});

const map = gm.components.latent_map(element, {
  move(x, y) { z[0] = x; z[1] = y; refresh(); },
  fail(words) { gm.setWords(error, words); },
});

// ---- The buttons

async function randomize(keepSliders) {
  const model = spec.model;
  const answer = await server.sample_latents({ model, seed: Math.floor(Math.random() * 4294967296) });
  if (spec.model !== model) return;
  if (answer.error) { gm.setWords(error, answer.words); return; }
  const previous = z;
  z = answer.z.slice();
  if (keepSliders) rows.forEach((row) => { z[row.spec.column] = previous[row.spec.column]; });
  refresh(true);
}
reset.addEventListener('click', () => {
  rows.forEach((row) => { z[row.spec.column] = 0; });
  refresh(true);
});
randomizeAll.addEventListener('click', () => randomize(false));
newNoise.addEventListener('click', () => randomize(true));
showAll.addEventListener('click', () => {
  rows.forEach((row) => { row.element.hidden = false; });
  showAll.hidden = true;
});
gm.offer(element, () => (pixels && {
  title: { key: 'explorer.image' }, file: spec.model, sheet: { pixels, shape, columns: 1, scale: 16 },
  latents: async () => ({ model: spec.model, rows: [spec.categories ? [...z, category] : z] }),
}));
document.addEventListener('gm-language', () => { if (spec) showValues(); });
watch('value', show);
show();
