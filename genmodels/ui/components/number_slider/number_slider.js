const number = element.querySelector('.gm-typed'), range = element.querySelector('.gm-range');

function set(value) {
  range.value = value;
  props.value = value;
  trigger('input');
  bound.changed();
}
const typed = gm.typed(number, element.querySelector('.gm-error'), (text) => server.read_typed({ text }),
  (value, entered) => { if (value !== props.value || entered) set(value); });
const bound = gm.state.bind(props.state, element, () => props.value, (value) => {
  if (Number(number.value) === value) return;  // it is being read
  number.value = value;
  typed.read();
});
range.addEventListener('input', () => {
  number.value = range.value;
  typed.clear();
  set(Number(range.value));
});
if (!number.value) number.value = range.value = props.value;
