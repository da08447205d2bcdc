const root = element.querySelector('.gm-pen-preview');
const framed = root.querySelector('.gm-framed'), back = root.querySelector('.gm-back');
const SIDE = gm.INK_SIDE;
let stroke = null;  // the latest one: { context, number }
let engine = { model: null, found: null };  // of the chosen model: { encoder, decoder }
let waiting = false;  // for the next frame of the screen

function setShown(shown) {
  root.hidden = !shown;
  document.getElementById(root.dataset.result).classList.toggle('gm-overtaken', shown);
}

function show() {
  waiting = false;
  if (!stroke || stroke.number === props.value || !engine.found) return;
  if (document.querySelector('.gm-follows-pen:not([hidden])')) return;  // which shows it instead
  const { encoder, decoder } = engine.found, { categories, framing } = decoder.plan;
  // The first option is the classifier, which only the server has.
  const category = categories ? document.querySelector('#gm-' + root.dataset.label + ' select').selectedIndex - 1 : 0;
  const levels = category < 0 || framing !== 'digit' ? null : gm.frameInk(stroke.context);
  if (!levels) return;
  gm.paint(framed, levels, SIDE, SIDE);
  gm.paint(back, decoder.decode(encoder.encode(levels, category), category), SIDE, SIDE);
  setShown(true);
}

function showSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(show);
}

// A stroke begins or goes on; without one, something else is to be reconstructed.
document.addEventListener('gm-stroke', ({ detail, target }) => {
  if (!target.closest('#' + root.dataset.pad)) return;
  stroke = detail;
  if (!stroke) {
    setShown(false);
    return;
  }
  const model = document.querySelector('#gm-' + root.dataset.model + ' input:checked').value;
  if (engine.model !== model) {
    const mine = engine = { model, found: null };
    gm.engine.loadAutoencoder(model).then((found) => { mine.found = found; showSoon(); });
  }
  showSoon();
});
gm.setText(root.querySelector('figcaption'), 'reconstruct.input', { width: SIDE, height: SIDE });
watch('value', () => { if (!stroke || props.value === stroke.number) setShown(false); });
