const number = element.querySelector('.gm-typed'), range = element.querySelector('.gm-range');

function set(value) {
  range.value = value;
  props.value = value;
  trigger('input');
}
const typed = gm.typed(number, element.querySelector('.gm-error'), (text) => server.read_typed({ text }),
  (value, entered) => { if (value !== props.value || entered) set(value); });
range.addEventListener('input', () => {
  number.value = range.value;
  typed.clear();
  set(Number(range.value));
});
number.value = range.value = props.value;
