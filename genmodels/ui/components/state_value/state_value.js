gm.whenListening(() => gm.state.bind(props.state, element, () => props.value, (value) => {
  props.value = value;
  trigger('input');
}, props.first));
