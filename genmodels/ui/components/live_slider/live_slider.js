const root = element.querySelector('.gm-live-slider');
const input = root.querySelector('input'), output = root.querySelector('output');

// The <output> is not a live region: screen readers announce the slider's own value text.
function showValue() {
  output.textContent = gm.number(Number(input.value), '.2f');
  input.setAttribute('aria-valuetext', output.textContent);
}

function onInput() {
  showValue();
  const detail = { name: root.dataset.name, value: Number(input.value) };
  document.dispatchEvent(new CustomEvent('gm-slider-input', { detail }));
}

function choose(value) {
  input.value = value;
  onInput();
  props.value = Number(input.value);
  trigger('input');
}

const bound = gm.state.bind(root.dataset.name, element, () => Number(props.value), choose);
function onChange() {
  choose(input.value);
  bound.changed();
}

function show() {
  if (Number(input.value) !== Number(props.value)) input.value = props.value;
  showValue();
}

// Before it moves, so that what is needed then can be fetched. Safari gives a slider that is touched no focus.
function onTouch() {
  document.dispatchEvent(new CustomEvent('gm-slider-touch', { detail: { name: root.dataset.name } }));
}

input.addEventListener('pointerdown', onTouch);
input.addEventListener('focus', onTouch);
input.addEventListener('input', onInput);
input.addEventListener('change', onChange);  // on release, or after a key press
root.addEventListener('dblclick', () => { input.value = root.dataset.default; onChange(); });
document.addEventListener('gm-language', showValue);
watch('value', show);
show();
