const find = (selector) => element.querySelector(selector);
const digits = find('.gm-compare-digits'), toggles = find('.gm-compare-models'), body = find('tbody');
const MOST = 6, SHOWN = 8, ANY = -1, REAL = '';
const FIRST = ['vae', 'dcgan', 'cgan', 'vqvae2', 'flow'];
const rows = Object.fromEntries(props.value.rows.map((row) => [row.model, row]));
const names = Object.keys(rows);
const first = FIRST.filter((name) => rows[name]);
let digit = 3, models = first, seed = props.value.seed, drawing = 0;
const answers = {};  // promises by model, digit and seed
let shown = [];  // the answers on screen, real digits first

function ask(model) {
  const request = { model, digit, seed }, key = JSON.stringify(request);
  if (!answers[key]) {
    answers[key] = server.read_typed(request).then((answer) => {
      if (answer.error) throw answer.words;
      return { ...answer.value, bytes: gm.decodeBase64(answer.value.pixels) };
    });
    answers[key].catch(() => delete answers[key]);
  }
  return answers[key];
}

// ---- A row

function cell(tag, className) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}

function figure(label, key, values) {
  const made = cell('td'), name = cell('small'), words = cell('span');
  gm.setText(name, label);  // seen where the table has no head, on a phone
  gm.setText(words, key, values);
  made.append(name, words);
  return made;
}

function likelihood({ nll, family }) {
  if (nll !== undefined) return figure('compare.likelihood', 'compare.nats', { nats: nll });
  return figure('compare.likelihood', family === 'GAN' ? 'compare.none' : 'compare.unmeasured');
}

function known(label, key, value) {
  return value === undefined ? figure(label, 'compare.unmeasured') : figure(label, key, { value });
}

function makeRow(model) {
  const row = cell('tr'), head = cell('th'), images = cell('td', 'gm-compare-images'), note = cell('p');
  head.scope = 'row';
  row.dataset.model = model;
  const box = cell('div');
  box.append(...Array.from({ length: SHOWN }, () => cell('canvas', 'gm-pixelated')));
  images.append(box, note);
  if (model === REAL) {
    gm.setText(head, 'compare.real');
    row.append(head, images, ...Array.from({ length: 4 }, () => cell('td')));
    return row;
  }
  const facts = rows[model], open = cell('button'), small = cell('small');
  open.type = 'button';
  gm.setWords(open, facts.title);
  open.addEventListener('click', () => gm.state.set({ activity: 'sample', model, seed }));
  gm.setText(small, 'compare.facts', { family: { key: 'compare.family.' + facts.family }, year: facts.year,
    millions: facts.parameters / 1e6 });
  head.append(open, small);
  row.append(head, images, known('compare.frechet', 'compare.value.frechet', facts.frechet_distance),
    known('compare.coverage', 'compare.value.coverage', facts.coverage), likelihood(facts),
    known('compare.cost', 'compare.value.cost', facts.ms_per_sample));
  return row;
}

function fill(row, model, { bytes, shape, tried, read, words }) {
  const canvases = [...row.querySelectorAll('canvas')], [n, h, w] = shape, note = row.querySelector('p');
  row.classList.remove('pending');
  canvases.forEach((canvas, i) => {
    canvas.hidden = i >= n;
    if (i >= n) return;
    gm.paint(canvas, gm.imageAt(bytes, shape, i), w, h);
    canvas.setAttribute('role', 'img');
    gm.setText(canvas, words.alt[i].key, words.alt[i].values, 'aria-label');
  });
  if (model === REAL || digit === ANY) gm.setWords(note, '');
  else if (rows[model].told) gm.setText(note, 'compare.read', { read, count: n, digit });
  else gm.setText(note, 'compare.tried', { count: n, tried, digit });
}

async function draw() {
  const mine = ++drawing, wanted = [REAL, ...models];
  delete element.dataset.drawn;
  const kept = Object.fromEntries([...body.children].map((row) => [row.dataset.model, row]));
  body.replaceChildren(...wanted.map((model) => kept[model] || makeRow(model)));
  gm.setWords(find('.gm-error'), '');
  const found = await Promise.all(wanted.map(async (model, i) => {
    const row = body.children[i];
    row.classList.add('pending');
    try {
      const answer = await ask(model);
      if (mine === drawing) fill(row, model, answer);
      return answer;
    } catch (words) {
      if (mine !== drawing) return null;
      row.classList.remove('pending');
      for (const canvas of row.querySelectorAll('canvas')) canvas.hidden = true;  // of another digit
      gm.setWords(row.querySelector('p'), '');
      gm.setWords(find('.gm-error'), words.key ? words : { key: 'error.no_answer' });
      return null;
    }
  }));
  if (mine !== drawing) return;
  shown = found.filter(Boolean);
  element.dataset.drawn = models.join(',');
}

// ---- The visitor's hand

function show() {
  for (const button of digits.children) button.setAttribute('aria-pressed', Number(button.dataset.digit) === digit);
  for (const button of toggles.children) {
    const isOn = models.includes(button.dataset.model);
    button.setAttribute('aria-pressed', isOn);
    button.disabled = isOn ? models.length === 1 : models.length === MOST;
  }
  if (gm.isSeen(element)) draw();
}

function change(values) {
  if ('digit' in values) digit = values.digit;
  if (values.models) models = names.filter((name) => values.models.includes(name));
  show();
  bound.forEach((one) => one.changed());
}

digits.append(...[ANY, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((value) => {
  const button = cell('button', 'gm-button');
  button.type = 'button';
  button.dataset.digit = value;
  if (value === ANY) gm.setText(button, 'compare.any');
  else button.textContent = value;
  button.addEventListener('click', () => change({ digit: value }));
  return button;
}));
toggles.append(...names.map((name) => {
  const button = cell('button', 'gm-button');
  button.type = 'button';
  button.dataset.model = name;
  gm.setWords(button, rows[name].title);
  button.addEventListener('click', () => change({
    models: models.includes(name) ? models.filter((one) => one !== name) : [...models, name] }));
  return button;
}));

// ---- The page's state

const bound = [
  gm.state.bind('digit', element, () => digit, (wish) => {
    digit = wish;
    show();
  }, 3),
  gm.state.bind('models', element, () => models, (wish) => {
    const found = names.filter((name) => wish.includes(name)).slice(0, MOST);
    if (found.length) models = found;
    show();
  }, first),
];
// A row for each model, on one sheet.
function sheet() {
  const [, h, w] = shown[0].shape, pixels = new Uint8Array(shown.length * SHOWN * h * w);
  shown.forEach(({ bytes }, k) => pixels.set(bytes, k * SHOWN * h * w));
  return { pixels, shape: [shown.length * SHOWN, h, w], columns: SHOWN, scale: 4 };
}
gm.offer(element, () => (shown.length && {
  title: { key: 'tab.compare' }, file: `compare-${digit}-seed-${seed}`, sheet: sheet(),
}));
watch('value', () => {
  seed = props.value.seed;
  show();
});
document.addEventListener('gm-activity', show);
gm.whenListening(show);
