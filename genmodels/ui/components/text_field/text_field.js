const input = element.querySelector('input'), message = element.querySelector('.gm-error');

const typed = gm.typed(input, message, (text) => server.read_typed({ text, context: props.value.context }),
  (text, entered) => {
    if (text === props.value.text && !entered) return;
    props.value = { ...props.value, text };
    trigger('input');
    bound.changed();
  });
const bound = gm.state.bind(props.state, element, () => props.value.text, (text) => {
  if (input.value === text) return;  // it is being read
  input.value = text;
  typed.read();
});
element.querySelector('.gm-new-seed').addEventListener('click', () => {
  input.value = Math.floor(Math.random() * 4294967296);
  typed.read();
});
watch('value', () => typed.read());  // its context has changed
if (!input.value) input.value = props.value.text;
