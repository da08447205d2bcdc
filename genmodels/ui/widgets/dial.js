const root = element.querySelector('.gm-dial'), input = root.querySelector('input'), output = root.querySelector('output');
function say() {
  output.textContent = Number(input.value).toFixed(2);
  input.setAttribute('aria-valuetext', output.textContent);
}

function moved() {
  say();
  document.dispatchEvent(new CustomEvent('gm-dial', { detail: { name: root.dataset.name, value: Number(input.value) } }));
}

function settled() {
  props.value = Number(input.value);
  trigger('input');
}

function show() {
  if (Number(input.value) === Number(props.value)) return say();
  input.value = props.value;
  say();
}

input.addEventListener('input', moved);
input.addEventListener('change', settled);  // the hand has let go, or a key was pressed
root.addEventListener('dblclick', () => { input.value = root.dataset.start; moved(); settled(); });
watch('value', show);
show();
