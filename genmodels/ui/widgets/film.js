const root = element.querySelector('.gm-film');
const canvas = root.querySelector('canvas'), play = root.querySelector('.gm-play');
const place = root.querySelector('.gm-range'), save = root.querySelector('.gm-save');
const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
let pixels = null, frames = 0, side = 28, at = 0, playing = false, timer = null;

function paint() {
  gm.paint(canvas, pixels.subarray(at * side * side, (at + 1) * side * side), side, side);
  place.value = at;
  place.setAttribute('aria-valuetext', 'frame ' + (at + 1) + ' of ' + frames);
}
function run(on) {
  playing = on;
  play.textContent = on ? 'Pause' : 'Play';
  clearInterval(timer);
  if (!on) return;
  timer = setInterval(() => {
    if (!element.isConnected) { clearInterval(timer); return; }
    at = (at + 1) % frames;
    paint();
  }, 40);
}
function show() {
  const value = props.value;
  root.classList.toggle('gm-hidden', !value);
  if (!value) return run(false);
  [frames, side] = value.shape;
  pixels = gm.bytes(value.pixels);
  at = 0;
  place.max = frames - 1;
  paint();
  run(!calm);
}
play.addEventListener('click', () => run(!playing));
place.addEventListener('input', () => { run(false); at = Number(place.value); paint(); });
save.addEventListener('click', () => gm.save(new Blob([gm.bytes(props.value.gif)], { type: 'image/gif' }), 'walk.gif'));
watch('value', show);
show();
