const input = element.querySelector('input'), message = element.querySelector('.gm-error');

const typed = gm.typed(input, message, (text) => server.read_typed({ text, context: props.value.context }),
  (text, entered) => {
    if (text === props.value.text && !entered) return;
    props.value = { ...props.value, text };
    trigger('input');
  });
element.querySelector('.gm-new-seed').addEventListener('click', () => {
  input.value = Math.floor(Math.random() * 4294967296);
  typed.read();
});
watch('value', () => typed.read());  // its context has changed
input.value = props.value.text;
