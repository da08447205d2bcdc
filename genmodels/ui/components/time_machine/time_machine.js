const find = (selector) => element.querySelector(selector);
const root = find('.gm-history'), panesBox = find('.gm-history-panes'), plotsBox = find('.gm-history-plots');
const selects = [...root.querySelectorAll('select')], pairButton = find('.gm-history-pair'), newsLine = find('.gm-history-news');
const time = find('.gm-history-time'), slider = time.querySelector('input'), output = time.querySelector('output');
const paceSlider = find('.gm-history-pace').querySelector('input'), logBox = find('.gm-history-log'), playButton = find('.gm-play');
const together = find('.gm-history-together'), twin = find('.gm-history-twin'), error = find('.gm-error');
const { runs, first, pair, watched } = props.value, NONE = '';
const IMAGES = 10, RATES = [2, 4, 8, 16, 30];  // images of the fixed latents; steps of the slider a second
const SPREAD = 1.25;  // between steps of a run without images, of which some are taken
const SETTLE_MS = 300;  // without movement before the address and screen readers hear of it

const runOf = (name) => runs.find((run) => run.name === name);
const isUsable = (name) => Boolean(runOf(name)) && !runOf(name).error;
let chosen = [first, NONE], panes = [], frames = [], place = 0, wanted = null;  // wanted: a step, before it is there
let playing = false, choices = 0, settleTimer = null;

// ---- What there is at a step

const index = () => Math.round(place);
const isLast = () => index() >= frames.length - 1;
const step = () => frames[index()] || 0;
const rowAt = (steps, at) => Math.max(0, steps.filter((one) => one <= at).length - 1);

// The steps that the slider goes to: after which there are images, or of a run without, some of those with losses.
function stepsOf({ imageSteps, steps }) {
  if (imageSteps.length) return imageSteps;
  let before = 0;
  return steps.filter((one, i) => {
    const isTaken = one >= SPREAD * before || i === steps.length - 1;
    if (isTaken) before = one;
    return isTaken;
  });
}

// Whether what is shown is what was chosen last, and all there.
const areChosen = () => (
  panes.every(({ run }) => run.data) && panes.map(({ run }) => run.name).join() === chosen.filter(Boolean).join());

// Where the slider goes; it stays at its step, or at the end.
function layOut() {
  const stays = wanted !== null ? wanted : frames.length && !isLast() ? step() : Infinity;
  const all = panes.filter(({ run }) => run.data).flatMap(({ run }) => stepsOf(run.data));
  frames = [...new Set(all)].sort((a, b) => a - b);
  slider.max = Math.max(0, frames.length - 1);
  slider.disabled = playButton.disabled = frames.length < 2;
  place = rowAt(frames, stays);
  if (frames.length && areChosen()) wanted = null;
  const last = Math.max(1, ...panes.map(({ run }) => (run.data ? run.data.last : 1)));
  for (const { run, plotted, plot } of panes) {
    plotted.hidden = !run.data || !run.data.steps.length;
    if (!plotted.hidden) plot.show(run.data, run.title, { last, isLog: logBox.checked });
  }
  wake();
}

async function load(run) {
  if (run.data || !run.file) return;
  const image = run.sheet && new Image();
  if (image) image.src = gm.root + 'file/' + run.sheet;
  const [data] = await Promise.all([gm.fetchJson('file/' + run.file), image && image.decode()]);
  Object.assign(run, { data, image });
}

// ---- The runs that are shown

function createPane(run) {
  const figure = document.createElement('figure'), plotted = document.createElement('figure');
  const [title, tiles, caption, name] = ['figcaption', 'div', 'p', 'figcaption'].map((tag) => document.createElement(tag));
  tiles.className = 'gm-history-tiles';
  tiles.setAttribute('role', 'img');
  gm.setText(tiles, 'history.images', { title: run.title, count: IMAGES }, 'aria-label');
  tiles.append(...Array.from({ length: IMAGES }, () => document.createElement('canvas')));
  tiles.classList.toggle('gm-history-ink', run.ink);
  caption.className = 'gm-history-caption';
  for (const heading of [title, name]) gm.setWords(heading, run.title);
  name.className = 'gm-visually-hidden';
  figure.dataset.run = run.name;
  figure.append(title, tiles, caption);
  plotted.append(name);
  panesBox.append(figure);
  plotsBox.append(plotted);
  return { run, tiles, caption, plotted, plot: gm.components.history_plot(plotted, seek) };
}

async function show() {
  const mine = ++choices, shown = chosen.filter((name) => name !== NONE).map(runOf);
  selects.forEach((select, i) => { select.value = chosen[i]; });
  pairButton.hidden = !pair.length || (chosen[0] === pair[0] && chosen[1] === pair[1]);
  try {
    await Promise.all(shown.map(load));
    gm.setWords(error, '');
  } catch {
    if (mine === choices) gm.setText(error, 'error.no_answer');
    return;
  }
  if (mine !== choices) return;
  panesBox.replaceChildren();
  plotsBox.replaceChildren();
  root.dataset.count = shown.length;
  panes = shown.map(createPane);
  together.hidden = shown.length < 2;
  newsLine.hidden = !chosen.includes(watched);
  layOut();
  if (feed) feed.wake();
  root.dataset.shown = chosen.join(' ').trim();
}

function choose(names) {
  const [run, beside] = names;
  chosen = [run, beside === run ? NONE : beside];
  show();
}

function fill(select, options) {
  select.replaceChildren(...options.map(({ name, title, error: reason }) => {
    const option = Object.assign(document.createElement('option'), { value: name, disabled: Boolean(reason) });
    gm.setWords(option, reason ? { key: 'history.unusable', values: { title } } : title);
    return option;
  }));
}

// ---- A frame of the screen

function paint() {
  const at = step();
  slider.value = index();
  gm.setText(output, 'collapse.step', { step: at });
  slider.setAttribute('aria-valuetext', output.textContent);
  for (const { run, tiles, caption, plot } of panes) {
    const { data, image } = run;
    if (!data) continue;
    tiles.hidden = !image;
    if (image) {
      const [height, width] = data.size, rows = Math.floor(image.naturalHeight / height);
      const row = Math.min(rows - 1, rowAt(data.imageSteps, at));
      [...tiles.children].forEach((tile, i) => {
        if (tile.width !== width || tile.height !== height) Object.assign(tile, { width, height });
        tile.getContext('2d').drawImage(image, i * width, row * height, width, height, 0, 0, width, height);
      });
    }
    plot.mark(at);
    const { covered, modeImages } = data, counted = covered && covered.filter(([one]) => one <= at).pop();
    caption.hidden = Boolean(image) && !covered;
    if (!image) gm.setText(caption, run.file ? 'history.no_images' : 'history.no_images.yet');
    else if (counted) gm.setText(caption, 'history.modes', { modes: counted[1], images: modeImages });
    else if (covered) gm.setText(caption, 'history.modes.none');
  }
}

const pace = gm.pace(paceSlider, RATES);
const wake = gm.framesFor(root, (now) => {
  if (playing) {
    const due = pace.due(now);
    pace.took(due);
    place = Math.min(frames.length - 1, index() + due);
    if (isLast()) setPlaying(false);
  }
  paint();
  if (playing) wake();
});

// ---- The controls

function setPlaying(on) {
  playing = on && frames.length > 1;
  if (playing && isLast()) place = 0;
  if (playing) pace.begin();
  gm.setText(playButton, playing ? 'walk.pause' : 'walk.play');
  if (!on) moved();
  wake();
}

// After a change by the visitor's hand.
function moved() {
  wanted = null;
  wake();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(() => {
    boundStep.changed();
    gm.setText(twin, 'collapse.step', { step: step() });
  }, SETTLE_MS);
}

function goTo(to) {
  place = Math.min(frames.length - 1, Math.max(0, to));
  setPlaying(false);
}
function seek(at) { goTo(rowAt(frames, at)); }

playButton.addEventListener('click', () => setPlaying(!playing));
slider.addEventListener('input', () => goTo(Number(slider.value)));
logBox.addEventListener('change', layOut);
selects.forEach((select, i) => select.addEventListener('change', () => {
  choose(i ? [chosen[0], select.value] : [select.value, chosen[1]]);
  bound[i].changed();
}));
pairButton.addEventListener('click', () => gm.state.set({ model: pair[0], rival: pair[1] }));

// Space plays and arrows move, unless the focus is where these keys have a meaning of their own.
const OWN_KEYS = 'input:not([type=range]),select,textarea,button,[role=tab],[role=application],[contenteditable]';
document.addEventListener('keydown', (event) => {
  const { key, target } = event, isRange = target.matches('[type=range]');
  if (!gm.isSeen(root) || event.altKey || event.ctrlKey || event.metaKey || target.matches(OWN_KEYS)) return;
  const moves = { ArrowLeft: index() - 1, ArrowRight: index() + 1, Home: 0, End: frames.length - 1 }[key];
  if (key === ' ') setPlaying(!playing);
  else if (moves !== undefined && !isRange) goTo(moves);
  else return;
  event.preventDefault();
});

gm.offer(element, () => {
  const tiles = panes.filter(({ run }) => run.image).flatMap(({ tiles: box }) => [...box.children]);
  if (!tiles.length || tiles.some(({ width, height }) => width !== tiles[0].width || height !== tiles[0].height)) return null;
  const { width, height } = tiles[0], pixels = new Uint8Array(tiles.length * height * width * 3);
  tiles.forEach((tile, n) => {
    const { data } = tile.getContext('2d').getImageData(0, 0, width, height);
    for (let i = 0; i < height * width; i++) pixels.set(data.subarray(4 * i, 4 * i + 3), 3 * (n * height * width + i));
  });
  return { title: { key: 'tab.history' }, file: `${chosen.filter(Boolean).join('-')}-step-${step()}`,
    sheet: { pixels, shape: [tiles.length, height, width, 3], columns: IMAGES, scale: 8 } };
});

// ---- The run that is watched

function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return { key: 'history.time.hours', values: { hours, minutes } };
  return { key: minutes ? 'history.time.minutes' : 'history.time.seconds', values: { minutes, seconds: Math.floor(seconds % 60) } };
}

const STALE_SECONDS = 30;  // without a word from a run before that is said
const paceOfRun = [];  // of the watched run: [seconds, step] as of late
function newsWords(news) {
  if (!news) return { key: 'error.no_answer' };
  const { state, step: done, seconds, last: steps, age } = news;
  if (state === 'unreadable' || state === 'empty') return { key: 'history.news.' + state };
  const values = { step: done, steps, passed: duration(seconds), age: duration(age || 0) };
  if (state !== 'running') return { key: 'history.news.' + state, values };
  if (done >= steps) return { key: 'history.news.finishing', values };
  if (age > STALE_SECONDS) return { key: 'history.news.stale', values };
  if (news.isNew) paceOfRun.length = 0;
  paceOfRun.push([seconds, done]);
  if (paceOfRun.length > 60) paceOfRun.shift();
  const [from, since] = paceOfRun[0][1] < done ? paceOfRun[0] : [0, 0];
  if (!done) return { key: 'history.news.begun', values };
  values.left = duration((seconds - from) / (done - since) * (steps - done));
  return { key: 'history.news.running', values };
}

const feed = runOf(watched) ? gm.components.history_feed(
  runOf(watched), () => gm.isSeen(root) && chosen.includes(watched), (news) => {
    const state = news ? news.state : 'silent';
    gm.setWords(newsLine, newsWords(news));
    if (state !== root.dataset.state) gm.setWords(twin, newsWords(news));  // not every second
    root.dataset.state = state;
    if (news && news.isNew) show();
    else layOut();
  }) : null;

// ---- The start

fill(selects[0], runs);
fill(selects[1], [{ name: NONE, title: { key: 'history.alone' } }, ...runs]);
const bound = [
  gm.state.bind('model', selects[0].parentElement, () => chosen[0], (name) => {
    if (isUsable(name)) choose([name, chosen[1]]);
  }, first),
  gm.state.bind('rival', selects[1].parentElement, () => chosen[1], (name) => {
    if (name === NONE || isUsable(name)) choose([chosen[0], name]);
  }, NONE),
];
const boundStep = gm.state.bind('trained', time, () => {
  if (wanted !== null) return Number.isFinite(wanted) ? wanted : 0;
  return frames.length && !isLast() ? step() : 0;
}, (at) => {
  wanted = at || Infinity;
  layOut();
}, 0);
document.addEventListener('gm-language', layOut);
document.addEventListener('gm-activity', () => { if (feed) feed.wake(); });
const reasons = runs.filter((run) => run.error).map((run) => run.error);
if (first) show();
else root.hidden = true;
if (!first && reasons.length) gm.setWords(error, reasons[0]);
