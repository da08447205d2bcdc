const buttons = [...element.querySelectorAll('button')];

function show() {
  buttons.forEach((button) => button.setAttribute('aria-pressed', button.lang === gm.language));
}
buttons.forEach((button) => button.addEventListener('click', () => {
  gm.setLanguage(button.lang);
  trigger('input');
}));
document.addEventListener('gm-language', show);
gm.titlePage();  // gradio has set its own while it started
show();
