const models = element.querySelector('.gm-models'), message = element.querySelector('.gm-error');
const radios = [...element.querySelectorAll('input[type=radio]')];
const panel = element.closest('[role=tabpanel]') || document.body;
const CHECK_MS = 2500;  // between two looks whether the server is still there, while a model is on its way
const GIVE_UP_MS = 60000;
let announced = !props.announce, shown = props.value, chosenAt = 0, timer = null;

// The pill of the model whose images are there is the chosen one: the others follow when theirs have arrived. What
// shows a model's images has its name as data-shown-model; until something does, any choice counts at once.
function show() {
  const present = [...panel.querySelectorAll('[data-shown-model]')].map((found) => found.dataset.shownModel);
  if (!present.length || present.includes(props.value)) shown = props.value;
  else if (!present.includes(shown)) shown = present[0];
  const isPending = shown !== props.value;
  for (const radio of radios) {
    radio.checked = radio.value === shown;
    radio.parentElement.classList.toggle('gm-pending', isPending && radio.value === props.value);
  }
  models.setAttribute('aria-busy', isPending);
  if (!isPending) clearTimeout(timer);
}

async function check(wanted) {
  const there = await gm.serverAnswers();
  if (props.value !== wanted || shown === wanted) return;
  if (there && performance.now() - chosenAt < GIVE_UP_MS) return wait(wanted);
  props.value = shown;
  show();
  bound.changed();
  gm.setText(message, 'error.no_answer');
}

function wait(wanted) {
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_MS, wanted);
}

function choose(name) {
  announced = true;
  props.value = name;
  chosenAt = performance.now();
  gm.setWords(message, '');
  show();
  if (shown !== name) wait(name);
  trigger('input');
}

// Where they scroll, the chosen one is in sight.
function reveal() {
  const pill = radios.find((radio) => radio.value === props.value);
  if (pill) models.scrollLeft = pill.parentElement.offsetLeft - models.clientWidth / 3;
}

const bound = gm.state.bind('model', element, () => props.value, (name) => {
  if (radios.some((radio) => radio.value === name && !radio.disabled)) choose(name);
  reveal();
});
radios.forEach((radio) => radio.addEventListener('click', () => {  // also by the arrow keys; also of the old one again
  if (radio.value === props.value) return show();
  choose(radio.value);
  bound.changed();
}));
new MutationObserver(show).observe(panel, { subtree: true, childList: true, attributeFilter: ['data-shown-model'] });
watch('value', show);
show();
reveal();
gm.whenListening(() => { if (!announced && props.value) choose(props.value); });
