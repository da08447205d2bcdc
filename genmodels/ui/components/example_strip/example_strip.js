const root = element.querySelector('.gm-examples'), title = element.querySelector('.gm-strip-title');

function createExample(bytes, h, w, alt) {
  const button = document.createElement('button'), image = document.createElement('canvas');
  button.type = 'button';
  button.className = 'gm-cell gm-example';
  gm.setWords(button, alt, 'aria-label');
  gm.setWords(button, alt, 'title');
  gm.paint(image, bytes, w, h);
  button.append(image);
  button.addEventListener('click', () => {
    document.dispatchEvent(new CustomEvent('gm-example', { detail: { image, levels: bytes, isPiece: props.is_piece } }));
  });
  return button;
}

function show() {
  const value = props.value;
  root.hidden = !value || !value.pixels;
  title.hidden = root.hidden || !value.title;  // examples speak for themselves
  if (root.hidden) return root.replaceChildren();
  if (value.title) gm.setWords(title, value.title);
  const [n, h, w] = value.shape, bytes = gm.decodeBase64(value.pixels);
  root.style.setProperty('--image-aspect', w + ' / ' + h);
  root.replaceChildren(...Array.from({ length: n }, (_, i) => (
    createExample(bytes.subarray(i * w * h, (i + 1) * w * h), h, w, value.words.alt[i]))));
}
watch('value', show);
show();
