const slider = element.querySelector('.gm-range'), output = element.querySelector('output');
const list = element.querySelector('.gm-few-rows');
const TITLES = { ssvae: 'labels.learner.ssvae', ssvae_paper: 'labels.learner.ssvae_paper', cnn: 'labels.learner.cnn' };
const learners = Object.entries(props.value);
const counts = [...new Set(learners.flatMap(([, { points }]) => points.map(({ labels }) => labels)))].sort(
  (a, b) => a - b);
// The most errors of any draw fill the width.
const most = Math.max(...learners.flatMap(([, { points }]) => points.flatMap(({ accuracy }) => accuracy.map((v) => 1 - v))));

const rows = learners.map(([name, { points, steps }]) => {
  const title = document.createElement('dt'), value = document.createElement('dd');
  const track = document.createElement('div'), bar = document.createElement('i'), words = document.createElement('span');
  track.className = 'gm-few-track';
  track.append(bar);
  gm.setText(title, TITLES[name]);
  value.append(track, words);
  list.append(title, value);
  return { points, steps, track, bar, words };
});

function show() {
  const count = counts[slider.value];
  gm.setText(output, 'labels.images', { count });
  gm.setText(slider, 'labels.images', { count }, 'aria-valuetext');
  for (const { points, steps, track, bar, words } of rows) {
    const found = points.find(({ labels }) => labels === count);
    track.hidden = !found;
    if (!found) {
      gm.setText(words, 'labels.unmeasured');
      continue;
    }
    const { mean, accuracy, paper } = found, share = (value) => 100 * (1 - value) / most + '%';
    bar.style.width = share(mean);
    track.replaceChildren(bar, ...accuracy.map((value) => {
      const dot = document.createElement('b');
      dot.style.insetInlineStart = share(value);
      return dot;
    }));
    const values = { wrong: 1000 * (1 - mean), right: mean, draws: accuracy.length, steps, paper };
    gm.setText(words, paper === undefined ? 'labels.value' : 'labels.value.paper', values);
  }
}

slider.max = counts.length - 1;
slider.value = 0;
slider.addEventListener('input', show);
show();
