const root = element.querySelector('.gm-pictures');
const grid = root.querySelector('.gm-grid');
const save = root.querySelector('.gm-save'), problem = root.querySelector('.gm-problem');
const choosable = root.dataset.choosable === '1';
const cells = [], dials = {};  // dials: where each was last seen
let chosen = -1, shape = null, pixels = null, columns = 1, asked = null, rest = null;

function cell() {
  const box = document.createElement(choosable ? 'button' : 'div');
  if (choosable) box.type = 'button';
  else box.setAttribute('role', 'img');
  box.className = 'gm-cell';
  box.append(document.createElement('canvas'));
  return box;
}

function mark(index) {
  cells.forEach((box, i) => {
    box.classList.toggle('gm-chosen', i === chosen);
    if (choosable) {
      box.tabIndex = i === Math.max(0, index) ? 0 : -1;  // one stop for Tab, arrows go on from there
      box.setAttribute('aria-pressed', i === chosen);
    }
  });
}

function paint(bytes, newShape) {
  [pixels, shape] = [bytes, newShape];
  const [n, h, w] = shape;
  for (let i = 0; i < n; i++) gm.paint(cells[i].firstChild, pixels.subarray(i * w * h, (i + 1) * w * h), w, h);
}

// A dial of the same name as one of the numbers that these pictures were asked with draws them anew while it moves.
const follow = gm.live('sample', ({ now }) => now, (answer, { of }) => {
  if (of !== asked) return;  // other pictures have come meanwhile
  problem.textContent = answer.error || '';
  if (answer.error) return;
  paint(answer.bytes, [answer.n, answer.h, answer.w]);
});

function show() {
  const value = props.value;
  if (!value || !value.pixels) return;
  const n = value.shape[0];
  asked = value.asked && { ...value.asked };
  columns = value.columns || Math.max(1, Math.ceil(Math.sqrt(n)));
  grid.style.setProperty('--columns', columns);
  while (cells.length < n) { cells.push(cell()); grid.append(cells[cells.length - 1]); }
  while (cells.length > n) cells.pop().remove();
  if (chosen >= n) chosen = -1;
  paint(gm.bytes(value.pixels), value.shape);
  cells.forEach((box, i) => box.setAttribute('aria-label', (value.alt && value.alt[i]) || 'picture ' + i));
  grid.querySelectorAll('.gm-heading').forEach((heading) => heading.remove());
  if (value.values) {
    value.values.slice().reverse().forEach((text) => {
      const heading = document.createElement('span');
      heading.className = 'gm-heading';
      heading.textContent = value.headings ? value.headings[value.values.indexOf(text)] : text;
      grid.prepend(heading);
    });
  }
  save.disabled = false;
  problem.textContent = '';
  mark(chosen);
  turn();
}

if (choosable) {
  grid.addEventListener('click', (event) => {
    const index = cells.indexOf(event.target.closest('.gm-cell'));
    if (index < 0) return;
    chosen = index;
    mark(index);
    trigger('select', { index });
  });
  grid.addEventListener('keydown', (event) => {
    const at = cells.indexOf(document.activeElement);
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (at < 0 || move === undefined) return;
    event.preventDefault();
    const to = Math.min(cells.length - 1, Math.max(0, at + move));
    mark(to);
    cells[to].focus();
  });
}
save.addEventListener('click', () => {
  const [n, h, w] = shape;
  gm.sheet(pixels, n, w, h, columns, 8, (props.value.file || root.dataset.name) + '.png');
});
// Also when pictures come that were asked for before the hand moved on.
function turn() {
  if (!asked || Object.keys(dials).every((name) => !(name in asked) || asked[name] === dials[name])) return;
  Object.keys(dials).forEach((name) => { if (name in asked) asked[name] = dials[name]; });
  follow({ now: { ...asked, preview: true }, of: asked });
  clearTimeout(rest);
  rest = setTimeout(() => follow({ now: { ...asked }, of: asked }), 200);  // at rest as it is, to the last grey level
}
document.addEventListener('gm-dial', ({ detail: { name, value } }) => {
  dials[name] = value;
  turn();
});
watch('value', show);
show();
