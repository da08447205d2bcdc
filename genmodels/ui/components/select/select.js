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
select.addEventListener('change', () => {
  props.value = { ...props.value, value: props.value.options[select.selectedIndex][1] };
  trigger('input');
});
watch('value', show);
show();
