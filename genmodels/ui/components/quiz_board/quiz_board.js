const find = (selector) => element.querySelector(selector);
const root = find('.gm-quiz'), next = find('.gm-quiz-next'), asked = find('.gm-quiz-asked');
const guessButtons = [...element.querySelectorAll('[data-guess]')];
const LAST_ROUND = 999999;
const fetched = {};  // promises of rounds by number
let number = 0, round = null, question = 0, guesses = [];  // guesses: for each answered question whether it was right
let total = { right: 0, asked: 0, streak: 0 };  // of all rounds

// ---- Rounds, fetched one ahead, so that the next one is there on a bad network

function fetchRound(of) {
  if (!fetched[of]) {
    fetched[of] = server.read_typed({ number: of }).then((answer) => {
      if (answer.error) throw answer.words;
      return { ...answer.value, bytes: gm.decodeBase64(answer.value.pixels) };
    });
    fetched[of].catch(() => delete fetched[of]);
  }
  return fetched[of];
}

async function begin(of) {
  number = of;
  round = null;
  guesses = [];
  root.inert = true;
  gm.setText(find('.gm-quiz-number'), 'quiz.drawing');
  let found = null;
  try {
    found = await fetchRound(of);
    gm.setWords(find('.gm-error'), '');
  } catch (words) {
    gm.setWords(find('.gm-quiz-number'), '');
    gm.setWords(find('.gm-error'), words.key ? words : { key: 'error.no_answer' });
  }
  root.inert = false;
  if (number !== of || !found) return;
  round = found;
  asked.replaceChildren(...round.makers.map(() => document.createElement('li')));
  ask(0);
  fetchRound((of + 1) % (LAST_ROUND + 1)).catch(() => null);
}

// ---- A question and its answer

function ask(which) {
  question = which;
  root.dataset.question = which;
  const [, h, w] = round.shape;
  gm.paint(find('.gm-quiz-digit'), gm.imageAt(round.bytes, round.shape, which), w, h);
  gm.setText(find('.gm-quiz-number'), 'quiz.question',
    { round: number + 1, number: which + 1, count: round.makers.length });
  for (const button of guessButtons) button.hidden = false;
  next.hidden = true;
  delete root.dataset.right;
  gm.setWords(find('.gm-quiz-verdict'), '');
  find('.gm-quiz-opinions').replaceChildren();
  gm.setWords(find('.gm-quiz-summary'), '');
  showScore();
}

function line(key, values) {
  const item = document.createElement('li');
  gm.setText(item, key, values);
  return item;
}

function answer(guess) {
  if (!round || guesses.length > question) return;
  const isReal = round.makers[question] === null, isRight = (guess === 'real') === isReal;
  guesses.push(isRight);
  total = { right: total.right + isRight, asked: total.asked + 1, streak: isRight ? total.streak + 1 : 0 };
  root.dataset.right = isRight;
  const truth = isReal ? { key: 'quiz.was_real' }
    : { key: 'quiz.was_generated', values: { title: round.titles[question] } };
  gm.setText(find('.gm-quiz-verdict'), isRight ? 'quiz.right' : 'quiz.wrong', { truth });
  const opinions = [];
  if (round.predicted[question] !== null) {
    opinions.push(line('quiz.classifier', { digit: round.predicted[question], share: round.confidence[question] }));
  }
  if (round.real_percentile[question] !== null) {
    opinions.push(line('quiz.discriminator', { share: round.real_percentile[question] }));
  }
  find('.gm-quiz-opinions').replaceChildren(...opinions);
  markAsked(isReal, isRight);
  for (const button of guessButtons) button.hidden = true;
  const isLast = guesses.length === round.makers.length;
  gm.setText(next, isLast ? 'quiz.again' : 'quiz.next');
  next.hidden = false;
  next.focus({ preventScroll: true });
  showScore();
  if (isLast) summarize();
}

function markAsked(isReal, isRight) {
  const item = asked.children[question], canvas = document.createElement('canvas'), [, h, w] = round.shape;
  const mark = document.createElement('span');
  canvas.className = 'gm-pixelated';
  gm.paint(canvas, gm.imageAt(round.bytes, round.shape, question), w, h);
  item.dataset.right = isRight;
  mark.textContent = isRight ? '\u2713' : '\u2717';
  mark.setAttribute('aria-hidden', 'true');
  const words = { number: question + 1, truth: isReal ? { key: 'quiz.real' } : round.titles[question],
    verdict: { key: isRight ? 'quiz.short.right' : 'quiz.short.wrong' } };
  gm.setText(canvas, 'quiz.tile', words, 'aria-label');
  gm.setText(item, 'quiz.tile', words, 'title');
  canvas.setAttribute('role', 'img');
  item.replaceChildren(canvas, mark);
}

function showScore() {
  gm.setText(find('.gm-quiz-score'), 'quiz.score', total);
}

// Wilson 1927: the shares of right guesses that agree with so many right ones, at 95 %.
function interval(right, n) {
  const z2 = 1.96 ** 2, share = right / n, middle = share + z2 / (2 * n);
  const reach = 1.96 * Math.sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return { low: (middle - reach) / (1 + z2 / n), high: (middle + reach) / (1 + z2 / n) };
}

function summarize() {
  root.dataset.question = 'end';
  const right = guesses.filter(Boolean).length, { low, high } = interval(total.right, total.asked);
  const fooled = round.titles.filter((title, i) => title && !guesses[i]);
  const doubted = round.makers.filter((maker, i) => maker === null && !guesses[i]).length;
  gm.setText(find('.gm-quiz-summary'), fooled.length ? 'quiz.summary.fooled' : 'quiz.summary',
    { right, count: guesses.length, asked: total.asked, low, high, doubted, models: fooled });
}

function goOn() {
  if (!round) return;
  if (guesses.length < round.makers.length) {
    ask(guesses.length);
    guessButtons[0].focus({ preventScroll: true });
  } else {
    begin((number + 1) % (LAST_ROUND + 1)).then(() => guessButtons[0].focus({ preventScroll: true }));
    bound.changed();
  }
}

// ---- The visitor's hand

for (const button of guessButtons) button.addEventListener('click', () => answer(button.dataset.guess));
next.addEventListener('click', goOn);
const KEYS = { ArrowLeft: 'real', ArrowRight: 'generated' };
document.addEventListener('keydown', (event) => {
  if (!KEYS[event.key] || event.altKey || event.ctrlKey || event.metaKey || !gm.isSeen(element)) return;
  if (event.target !== document.body && !root.contains(event.target)) return;
  event.preventDefault();
  if (next.hidden) answer(KEYS[event.key]);
  else if (event.key === 'ArrowRight') goOn();
});

// ---- The page's state

const bound = gm.state.bind('round', element, () => number, (wish) => {
  if (round || fetched[number]) begin(wish);
  else number = wish;
}, 0);
gm.offer(element, () => (round && {
  title: { key: 'quiz.digit' }, file: `quiz-${number}-${question}`,
  sheet: { pixels: gm.imageAt(round.bytes, round.shape, question), shape: [1, ...round.shape.slice(1)], columns: 1,
    scale: 8 },
}));
function start() {
  if (!round && !fetched[number] && gm.isSeen(element)) begin(number);
}
document.addEventListener('gm-activity', start);
gm.whenListening(start);
