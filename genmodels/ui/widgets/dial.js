const root = element.querySelector('.gm-dial'), input = root.querySelector('input'), output = root.querySelector('output');
let rest = null;

function say() {
  output.textContent = Number(input.value).toFixed(2);
  input.setAttribute('aria-valuetext', output.textContent);
}

function moved() {
  say();
  const value = Number(input.value);
  document.dispatchEvent(new CustomEvent('gm-dial', { detail: { name: root.dataset.name, value } }));
  clearTimeout(rest);
  rest = setTimeout(() => { props.value = value; trigger('input'); }, 300);
}

function show() {
  if (Number(input.value) === Number(props.value)) return say();
  input.value = props.value;
  say();
}

input.addEventListener('input', moved);
root.addEventListener('dblclick', () => { input.value = root.dataset.start; moved(); });
watch('value', show);
show();
