const label = element.querySelector('label'), select = element.querySelector('select');

function createOption([words], index) {
  const option = document.createElement('option');
  option.value = index;
  gm.setWords(option, words);
  return option;
}

function show() {
  const value = props.value;
  label.hidden = !value || !value.options.length;
  if (label.hidden) return;
  gm.setWords(label.querySelector('span'), value.label);
  select.replaceChildren(...value.options.map(createOption));
  select.selectedIndex = value.options.findIndex(([, of]) => of === value.value);
}
const first = () => props.value && props.value.options.length ? props.value.options[0][1] : undefined;

function choose(value) {
  props.value = { ...props.value, value };
  show();
  trigger('input');
}

const bound = gm.state.bind(props.state, element, () => props.value && props.value.value, (value) => {
  if (props.value && props.value.options.some(([, of]) => of === value)) choose(value);
}, first());
select.addEventListener('change', () => {
  choose(props.value.options[select.selectedIndex][1]);
  bound.changed();
});
watch('value', () => { show(); bound.arrived(first()); });
show();
