const radios = [...element.querySelectorAll('input[type=radio]')];
let announced = !props.announce;
const show = () => radios.forEach((radio) => { radio.checked = radio.value === props.value; });

function choose(name) {
  announced = true;
  props.value = name;
  show();
  trigger('input');
}

const bound = gm.state.bind('model', element, () => props.value, (name) => {
  if (radios.some((radio) => radio.value === name && !radio.disabled)) choose(name);
});
radios.forEach((radio) => radio.addEventListener('change', () => {
  choose(radio.value);
  bound.changed();
}));
watch('value', show);
show();
gm.whenListening(() => { if (!announced && props.value) choose(props.value); });
