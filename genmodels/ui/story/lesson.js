// A scene's words above its activity. The scene is a part of the page's address, and so is all that it sets up.
const html = document.documentElement;
document.head.append(Object.assign(document.createElement('style'), { textContent: style }));

const words = document.querySelector('.gm-scene');
words.innerHTML = '<p class="gm-scene-count"></p><h2></h2><p class="gm-scene-words"></p>'
  + '<div class="gm-toolbar gm-scene-nav">'
  + '<button type="button" class="gm-button" data-go="-1" data-t="story.back"></button>'
  + '<button type="button" class="gm-button gm-scene-next" data-go="1" data-t="story.next"></button>'
  + '<button type="button" class="gm-button" data-leave=""></button><span class="gm-scene-also"></span>'
  + '<button type="button" class="gm-button" data-contents="" data-t="story.contents"></button>'
  + '<button type="button" class="gm-button" data-scene="" data-present="" data-t="story.present"></button>'
  + '<button type="button" class="gm-button" data-notes="" data-t="story.speaker"></button>'
  + '<a target="_blank" rel="noopener"></a></div>';
const find = (selector) => words.querySelector(selector);

let wanted = null, going = null;  // the scene that is to be shown, as as show() takes it; the promise of its coming
let times = 0;

const indexOf = (name) => scenes.findIndex((scene) => scene.name === name);
const currentName = () => (wanted ? wanted[0] : gm.state.get('scene'));
const isPresenting = () => Boolean(gm.state.get('present'));

// ---- Showing

function render() {
  const name = gm.state.get('scene'), at = indexOf(name), scene = scenes[at];
  words.hidden = !scene;
  html.toggleAttribute('data-presenting', Boolean(scene) && isPresenting());
  if (!scene) {
    delete html.dataset.story;
    return;
  }
  html.dataset.story = name;
  gm.setText(find('.gm-scene-count'), 'story.count', { number: at + 1, count: scenes.length });
  gm.setText(find('h2'), `story.${name}.title`);
  gm.setText(find('.gm-scene-words'), `story.${name}.words`);
  find('[data-go="-1"]').disabled = at === 0;
  find('[data-go="1"]').disabled = at === scenes.length - 1;
  find('[data-present]').dataset.scene = name;
  const to = scene.state.activity;
  find('[data-leave]').hidden = to === 'lesson';
  gm.setText(find('[data-leave]'), 'story.go_on', { activity: { key: `tab.${to}` } });
  find('.gm-scene-also').replaceChildren(...scene.also.map(createOpener));
  const link = find('a');
  link.hidden = !scene.paper;
  if (scene.paper) Object.assign(link, { textContent: scene.paper[0], href: scene.paper[1] });
  tellNotes();
}

// A button for another activity in which one may go on.
function createOpener(activity) {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'gm-button' });
  button.dataset.open = activity;
  gm.setText(button, 'story.go_on', { activity: { key: `tab.${activity}` } });
  return button;
}

function tellNotes() {
  const at = indexOf(gm.state.get('scene')), next = scenes[at + 1];
  if (at < 0) return;
  notes.tell({
    language: gm.language, heading: gm.t('story.speaker'),
    title: gm.t('story.count', { number: at + 1, count: scenes.length }) + ': ' + gm.t(`story.${scenes[at].name}.title`),
    notes: gm.t(`story.${scenes[at].name}.notes`, figures),
    next: next ? gm.t('story.next') + ': ' + gm.t(`story.${next.name}.title`) : '',
  });
}

async function setUp([name, isPresented, isAnew]) {
  const { state, picture } = scenes[indexOf(name)];
  const page = { activity: state.activity, scene: name, present: isPresented ? 1 : undefined };
  await gm.state.follow(gm.address.write({ ...state, ...page }));
  if (picture) await gm.state.set({ picture: { ...picture, times: ++times } });  // each time anew
  if (isAnew) document.dispatchEvent(new CustomEvent('gm-again'));  // what runs by itself begins again
}

// Show a scene: of several that are asked for at once, the last.
function show(name, isPresented = isPresenting(), isAnew = false) {
  wanted = [indexOf(name) < 0 ? scenes[0].name : name, isPresented, isAnew];
  going = going || (async () => {
    for (let shown = null; shown !== wanted;) {
      shown = wanted;
      await setUp(shown).catch(() => {});
    }
    [wanted, going] = [null, null];
    window.scrollTo(0, 0);
    words.focus({ preventScroll: true });
  })();
  return going;
}

function step(by) {
  const next = scenes[indexOf(currentName()) + by];
  return next ? show(next.name) : Promise.resolve();
}

// Go on where the scene is, without it.
async function leave() {
  await gm.state.set({ scene: undefined, present: undefined });
  render();
}

words.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (!button) return;
  if ('go' in button.dataset) step(Number(button.dataset.go));
  if ('leave' in button.dataset) leave();
  if ('notes' in button.dataset) notes.open();
  if ('contents' in button.dataset) gm.state.follow(gm.address.write({ activity: 'lesson' }));
});
document.addEventListener('gm-language', tellNotes);
document.addEventListener('gm-activity', ({ detail }) => {  // the visitor went on to another by a button of this one
  const scene = scenes[indexOf(gm.state.get('scene'))];
  if (scene && !going && !isPresenting() && scene.state.activity !== detail) leave();
});

Object.assign(gm.story, { show: (name) => show(name, false), arrived: render });
