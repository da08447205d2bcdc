const button = element.querySelector('button'), html = document.documentElement;
const STORED = 'gm-ink', CLASS = 'gm-on-paper';

function set(isOnPaper) {
  html.classList.toggle(CLASS, isOnPaper);
  button.setAttribute('aria-pressed', isOnPaper);
}
button.addEventListener('click', () => {
  set(!html.classList.contains(CLASS));
  gm.stored.set(STORED, html.classList.contains(CLASS) ? '1' : '');
});
set(gm.stored.get(STORED) === '1');
