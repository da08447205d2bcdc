const find = (selector) => element.querySelector(selector);
const root = find('.gm-describe'), input = find('#gm-caption'), passed = find('.gm-describe-passed');
const chips = find('.gm-describe-chips'), list = find('.gm-describe-measured');
const samplesBox = find('.gm-describe-samples'), boardBox = find('.gm-describe-board');
const PAIRS = [['thickness', 'slant'], ['thickness', 'width'], ['width', 'slant']];  // rows, columns of the board
const SAMPLES = 8, GROW_MS = 600, PAUSE_MS = 600;
const SHEET_SCALE = 8;  // screen pixels per image pixel in a file
let index = 0, pair = 0, built = null, shown = null;  // shown: the server's last answer, its pixels as bytes
let frame = null, passing = null;  // of the growing image; a timer
let pending = {};  // edits that are asked for

const words = (name, value) => (name === 'digit' ? String(value) : { key: 'describe.value.' + value });
const imageOf = ({ bytes, shape }, i) => gm.imageAt(bytes, shape, i);
const unpack = ({ pixels, shape }) => ({ bytes: gm.decodeBase64(pixels), shape });

// ---- What is asked

const request = (edits = {}) => server.read_typed({
  ...props.value, text: shown ? input.value : input.value || gm.t('describe.example'), index, rows: PAIRS[pair][0],
  columns: PAIRS[pair][1], edits, language: gm.language,
});
const typed = gm.typed(input, find('.gm-error'), () => request(), accept);

// edits: values by property, '' for none. Those of a quick hand are asked for together; what is typed meanwhile counts
// more.
async function edit(edits) {
  const mine = pending = { ...pending, ...edits }, before = input.value;
  const answer = await request(mine).catch(() => null);
  if (pending !== mine) return;
  pending = {};
  if (input.value !== before) return;
  if (!answer || answer.error) {
    gm.setWords(find('.gm-error'), answer ? answer.words : { key: 'error.no_answer' });
    return;
  }
  typed.clear();
  input.value = answer.value.text;
  accept(answer.value);
}

function accept(answer) {
  const of = JSON.stringify(props.value);
  const isNew = !shown || shown.text !== answer.text || shown.index !== index || shown.of !== of;
  shown = { ...answer, index, of, last: unpack(answer), first: unpack(answer.stages[0]),
    board: unpack(answer.board) };
  const isFirst = !input.value;
  if (isFirst) input.value = answer.text;
  root.dataset.shownModel = props.value.model;
  showPassed();
  showChips();
  showSamples();
  showBoard();
  if (isNew) grow();
  if (isFirst) bound[0].arrived(answer.text);  // nobody has chosen it
  else bound.forEach((one) => one.changed());
}

// ---- What is shown

// What was not understood, once the typing pauses: half a word is no word yet.
function showPassed() {
  const { unknown, overruled } = shown;
  const say = () => {
    passed.hidden = !unknown.length && !overruled.length;
    if (unknown.length) gm.setText(passed, 'describe.unknown', { words: unknown });
    else if (overruled.length) gm.setText(passed, 'describe.overruled', { words: overruled });
  };
  clearTimeout(passing);
  if (unknown.length && document.activeElement === input) passing = setTimeout(say, PAUSE_MS);
  else say();
}

function showChips() {
  for (const chip of chips.querySelectorAll('button')) {
    chip.setAttribute('aria-pressed', shown.asked[chip.dataset.name] === chip.dataset.value);
  }
}

// Stage II's image, out of stage I's pixels.
function grow() {
  cancelAnimationFrame(frame);
  const [, h, w] = shown.last.shape, [, h1, w1] = shown.first.shape;
  const first = imageOf(shown.first, index), last = imageOf(shown.last, index), canvas = find('.gm-describe-last');
  gm.paint(find('.gm-describe-first'), first, w1, h1);
  gm.setText(canvas, 'describe.alt', { caption: shown.text, number: index + 1 }, 'aria-label');
  showMeasured();
  const began = performance.now();
  const step = (now) => {
    const t = Math.min(1, Math.max(0, (now - began) / GROW_MS)), share = t * t * (3 - 2 * t);
    gm.paint(canvas, last.map((level, i) => {
      const from = first[Math.floor(Math.floor(i / w) * h1 / h) * w1 + Math.floor(i % w * w1 / w)];
      return from + share * (level - from);
    }), w, h);
    if (t < 1) frame = requestAnimationFrame(step);
  };
  step(matchMedia('(prefers-reduced-motion: reduce)').matches ? began + GROW_MS : began);
}

function showMeasured() {
  const found = shown.measured[index];
  list.replaceChildren(...Object.keys(props.choices).flatMap((name) => {
    const term = document.createElement('dt'), text = document.createElement('dd'), mark = document.createElement('dd');
    const { number, value } = found[name], asked = shown.asked[name];
    gm.setText(term, 'describe.property.' + name);
    gm.setText(text, value === null ? 'describe.measured.none' : 'describe.measured.' + name,
      { number, value: value === null ? '' : words(name, value) });
    mark.className = 'gm-describe-mark';
    if (asked !== null && value !== null) {
      mark.dataset.asked = asked === value;
      gm.setText(mark, asked === value ? 'describe.as_asked' : 'describe.not_asked', { value: words(name, asked) });
    }
    return [term, text, mark];
  }));
}

function showSamples() {
  const { last } = shown, [, h, w] = last.shape;
  [...samplesBox.children].forEach((button, i) => {
    gm.paint(button.firstChild, imageOf(last, i), w, h);
    button.setAttribute('aria-pressed', i === index);
    button.tabIndex = i === index ? 0 : -1;
    gm.setText(button, 'describe.sample', { number: i + 1 }, 'aria-label');
  });
}

// The board's headings and cells, blank; they are made anew only when another pair of words is shown.
function buildBoard() {
  const [rows, columns] = PAIRS[pair];
  const heading = (name, value) => {
    const span = document.createElement('span');
    span.className = 'gm-heading';
    gm.setWords(span, words(name, value));
    return span;
  };
  const cell = (row, column) => {
    const button = document.createElement('button'), canvas = document.createElement('canvas');
    Object.assign(button, { type: 'button', className: 'gm-cell' });
    Object.assign(button.dataset, { row, column });
    gm.setText(button, 'describe.cell', { row: words(rows, row), column: words(columns, column) }, 'aria-label');
    button.append(canvas);
    return button;
  };
  const choices = props.choices[columns];
  boardBox.replaceChildren(document.createElement('span'), ...choices.map((value) => heading(columns, value)),
    ...props.choices[rows].flatMap((row) => [heading(rows, row), ...choices.map((column) => cell(row, column))]));
  built = pair;
}

function showBoard() {
  const { board, asked } = shown, [, h, w] = board.shape, [rows, columns] = PAIRS[pair];
  if (built !== pair) buildBoard();
  boardBox.querySelectorAll('button').forEach((cell, i) => {
    const { row, column } = cell.dataset;
    cell.classList.toggle('gm-selected', asked[rows] === row && asked[columns] === column);
    gm.paint(cell.firstChild, imageOf(board, i), w, h);
  });
}

// ---- The visitor's hand

for (const [name, values] of Object.entries(props.choices)) {
  const group = document.createElement('div'), label = document.createElement('span');
  group.setAttribute('role', 'group');
  gm.setText(group, 'describe.property.' + name, {}, 'aria-label');
  gm.setText(label, 'describe.property.' + name);
  group.append(label, ...values.map((value) => {
    const chip = document.createElement('button');
    Object.assign(chip, { type: 'button', className: 'gm-button' });
    Object.assign(chip.dataset, { name, value });
    gm.setWords(chip, words(name, value));
    return chip;
  }));
  chips.append(group);
}
chips.addEventListener('click', ({ target }) => {
  const chip = target.closest('button');
  if (!chip || !shown) return;
  edit({ [chip.dataset.name]: chip.getAttribute('aria-pressed') === 'true' ? '' : chip.dataset.value });
});

samplesBox.append(...Array.from({ length: SAMPLES }, () => {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'gm-cell' });
  button.append(document.createElement('canvas'));
  return button;
}));
function choose(number) {
  index = number;
  typed.read();
}
samplesBox.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button) choose([...samplesBox.children].indexOf(button));
});
samplesBox.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose(Math.min(SAMPLES - 1, Math.max(0, index + step)));
  samplesBox.children[index].focus();
});

PAIRS.forEach(([rows, columns], i) => {
  const label = document.createElement('label'), radio = document.createElement('input');
  const text = document.createElement('span');
  label.className = 'gm-option';
  Object.assign(radio, { type: 'radio', name: 'gm-describe-pair', checked: i === pair });
  gm.setText(text, 'describe.pair.words', { rows: { key: 'describe.property.' + rows },
    columns: { key: 'describe.property.' + columns } });
  radio.addEventListener('change', () => {
    pair = i;
    typed.read();
  });
  label.append(radio, text);
  find('.gm-describe-pairs').append(label);
});
boardBox.addEventListener('click', ({ target }) => {
  const cell = target.closest('button');
  if (cell) edit({ [PAIRS[pair][0]]: cell.dataset.row, [PAIRS[pair][1]]: cell.dataset.column });
});

buildBoard();

// ---- The page's state

const bound = [
  gm.state.bind('caption', element, () => input.value || undefined, (text) => {
    input.value = text;
    if (props.value) typed.read();
  }, null),
  gm.state.bind('index', element, () => index, (number) => {
    if (number < SAMPLES && props.value) choose(number);
  }, 0),
];
gm.offer(element, () => (shown && {
  title: { key: 'describe.samples' }, file: `${props.value.model}-described-seed-${props.value.seed}`,
  sheet: { pixels: shown.last.bytes, shape: shown.last.shape, columns: 4, scale: SHEET_SCALE },
}));
watch('value', () => {
  root.hidden = !props.value;
  if (!shown) {  // out of sight, so that the page's state has not been shown yet
    input.value = gm.state.get('caption') || '';
    if (gm.state.get('index') < SAMPLES) index = gm.state.get('index');
  }
  if (props.value) typed.read();
});
