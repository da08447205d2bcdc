const root = element.querySelector('.gm-animation');
const canvas = root.querySelector('canvas'), playButton = root.querySelector('.gm-play');
const scrubber = root.querySelector('.gm-range');
const reducedMotion = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const FRAME_MS = 40;
let pixels = null, shape = null, frameCount = 0, frame = 0, playing = false, timer = null;

function paint() {
  const [, height, width] = shape;
  gm.paint(canvas, gm.imageAt(pixels, shape, frame), width, height);
  scrubber.value = frame;
  scrubber.setAttribute('aria-valuetext', gm.t('walk.frame_of', { frame: frame + 1, count: frameCount }));
}
function setPlaying(on) {
  playing = on;
  gm.setText(playButton, on ? 'walk.pause' : 'walk.play');
  clearInterval(timer);
  if (!on) return;
  timer = setInterval(() => {
    if (!element.isConnected) { clearInterval(timer); return; }
    frame = (frame + 1) % frameCount;
    paint();
  }, FRAME_MS);
}
function show() {
  const value = props.value;
  root.hidden = !value;
  if (!value) return setPlaying(false);
  shape = value.shape;
  [frameCount] = shape;
  pixels = gm.decodeBase64(value.pixels);
  frame = 0;
  scrubber.max = frameCount - 1;
  paint();
  setPlaying(!reducedMotion);
  if (element.offsetParent) root.scrollIntoView({ block: 'nearest' });
}
playButton.addEventListener('click', () => setPlaying(!playing));
scrubber.addEventListener('input', () => { setPlaying(false); frame = Number(scrubber.value); paint(); });
gm.offer(element, () => (props.value && {
  title: { key: 'walk.animation' }, file: 'walk', gif: () => gm.decodeBase64(props.value.gif) }));
watch('value', show);
show();
