const radios = [...element.querySelectorAll('input[type=radio]')];
const show = () => radios.forEach((radio) => { radio.checked = radio.value === props.value; });
radios.forEach((radio) => radio.addEventListener('change', () => {
  props.value = radio.value;
  trigger('input');
}));
watch('value', show);
show();
