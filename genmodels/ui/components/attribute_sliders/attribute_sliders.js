const root = element.querySelector('.gm-attributes'), find = (selector) => root.querySelector(selector);
const before = find('.gm-attributes-before'), after = find('.gm-attributes-after');
const sliders = find('.gm-attributes-sliders'), reset = find('.gm-reset'), instead = find('.gm-attributes-instead');
const measure = gm.components.morphology();
const STEPS = 50;  // of a slider to either side
const DIGITS = { slant: 2, thickness: 1 };  // after the point, of properties that are not counted in whole pixels
let model = null, attributes = [], engine = null, category = null;
let rows = [];  // of each attribute: { input, output }
let z = null, images = null;  // of the drawing; its reconstruction, and the changed one

// ---- Pictures

function blank() {
  z = images = null;
  delete element.dataset.shown;
  for (const canvas of [before, after]) canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
  rows.forEach(({ output }) => gm.setWords(output, ''));
}

function change() {
  if (!z) return;
  const { decoder } = engine, { height, width } = decoder.plan;
  const changed = z.map((value, k) => rows.reduce((sum, { input }, i) => (
    sum + Number(input.value) / STEPS * attributes[i].reach * attributes[i].direction[k]), value));
  images = [z, changed].map((row) => decoder.decode(row, category || 0).slice());
  gm.paint(before, images[0], width, height);
  gm.paint(after, images[1], width, height);
  const shown = {};
  attributes.forEach(({ property }, i) => {
    const [from, to] = shown[property] = images.map((image) => measure[property](image, width, height));
    const values = [from, to].map((value) => (value < 0 ? '\u2212' : '')
      + gm.number(Math.abs(value), `.${DIGITS[property] || 0}f`));
    const words = { property: { key: 'property.' + property }, from: values[0], to: values[1] };
    gm.setText(rows[i].output, 'attribute.measured', words);
    gm.setText(rows[i].input, 'attribute.measured', words, 'aria-valuetext');
  });
  element.dataset.shown = JSON.stringify(shown);
}

let drawn = null;  // what is on the pad, as framed
function show(levels) {
  drawn = levels;
  if (!engine || (engine.decoder.plan.categories && category === null)) return;
  z = [...engine.encoder.encode(levels, category || 0)];
  change();
}

// ---- Controls

function createSlider({ property }) {
  const row = document.createElement('label'), ends = document.createElement('span'), input = document.createElement('input');
  const output = document.createElement('output'), [less, more] = ['less', 'more'].map((end) => {
    const words = document.createElement('span');
    gm.setText(words, `attribute.${property}.${end}`);
    return words;
  });
  ends.className = 'gm-attributes-ends';
  ends.append(less, more);
  output.setAttribute('aria-live', 'off');
  Object.assign(input, { type: 'range', min: -STEPS, max: STEPS, step: 1, value: 0, className: 'gm-range' });
  gm.setText(input, `attribute.${property}.more`, undefined, 'aria-label');
  input.addEventListener('input', change);
  row.addEventListener('dblclick', () => { input.value = 0; change(); });
  row.append(ends, input, output);
  sliders.append(row);
  return { input, output };
}
reset.addEventListener('click', () => {
  rows.forEach(({ input }) => { input.value = 0; });
  change();
});

// ---- Values

function sayInstead(words) {
  gm.setWords(instead, words || '');
  root.querySelectorAll(':scope > :not(.gm-attributes-instead)').forEach((part) => { part.hidden = Boolean(words); });
}

async function load(name) {
  const found = await gm.engine.loadAutoencoder(name);
  if (model !== name) return;
  if (!found) return sayInstead({ key: 'likeness.unavailable' });
  engine = found;
  if (drawn) show(drawn);
}

const isLatest = gm.followPen(() => !root.hidden && Boolean(engine), show);

function take() {
  const value = props.value;
  root.hidden = !value;
  if (!value) return;
  sayInstead(value.words);
  if (value.words) {
    [model, engine] = [null, null];
    return;
  }
  category = value.category;
  if (model !== value.model) {
    [model, attributes, engine, drawn] = [value.model, value.attributes, null, null];
    sliders.replaceChildren();
    rows = attributes.map(createSlider);
    blank();
    load(model);
  }
  if (!isLatest(value.stroke)) return;
  if (value.pixels) return show(gm.decodeBase64(value.pixels));
  drawn = null;
  blank();
}
gm.offer(element, () => (images && !root.hidden ? {
  title: { key: 'attribute.offer' }, file: 'attributes',
  sheet: { pixels: Uint8Array.from(images.flatMap((image) => [...image])),
    shape: [2, engine.decoder.plan.height, engine.decoder.plan.width], columns: 2, scale: 8 },
} : null));
document.addEventListener('gm-language', change);
watch('value', take);
take();
