// The two panels: settings, pictures, and a Worker each. No component by itself: the board calls this with its own
// element and, as props, { received(panel, report): a Worker has reported, failed(): one cannot run }.
const setups = gm.components.live_setup(), words = gm.components.live_words();
let text = '';  // the script of the Workers

for (const [name, values] of Object.entries(setups.CHOICES)) {
  const select = element.querySelector(`[data-setting=${name}]`);
  if (select.options.length) continue;
  select.replaceChildren(...values.map((value) => {
    const option = Object.assign(document.createElement('option'), { value });
    gm.setText(option, Number.isInteger(10 * value) ? 'live.number' : 'live.number.fine', { value });
    return option;
  }));
}
for (const part of [element.querySelector('.gm-live-settings'), element.querySelector('.gm-live-view')]) {
  const other = part.cloneNode(true);  // the second panel is like the first
  part.after(other);
  [part, other].forEach((one, i) => { one.dataset.panel = 'AB'[i]; });
}

class Panel {
  constructor(letter) {
    Object.assign(this, { letter, setup: setups.read('original'), worker: null, report: null, isNew: false });
    const [settings, view] = ['settings', 'view'].map((name) => (
      element.querySelector(`.gm-live-${name}[data-panel=${letter}]`)));
    Object.assign(this, { settings, view });
    view.querySelector('.gm-live-letter').textContent = letter;
    gm.setText(settings.querySelector('legend'), 'live.panel', { letter });
    gm.setText(view.querySelector('canvas'), 'live.plane.first', { letter }, 'aria-label');
  }

  get step() { return this.report ? this.report.step : 0; }

  get isVae() { return setups.isVae(this.setup); }

  // Take over a set-up, and show it.
  set(setup) {
    this.setup = setup;
    for (const input of this.settings.querySelectorAll('[data-setting]')) {
      const value = setup[input.dataset.setting];
      if (input.type === 'checkbox') input.checked = value;
      else input.value = value;
    }
    const model = this.isVae ? 'vae' : 'gan';
    for (const part of this.settings.querySelectorAll('[data-for]')) part.hidden = part.dataset.for !== model;
    this.settings.querySelector('[data-setting=gamma]').disabled = !setup.r1 && !setup.r2;
    words.curves(model).forEach((name, i) => gm.setWords(this.view.querySelectorAll('.gm-live-key-loss')[i], name));
  }

  // The set-up with what an input says.
  changed({ dataset: { setting }, type, checked, value }) {
    return { ...this.setup, [setting]: type === 'checkbox' ? checked : setting === 'kind' ? value : Number(value) };
  }

  post(action, message) { if (this.worker) this.worker.postMessage({ action, ...message }); }

  // Begin anew; message: run, seed, data, drawn.
  start(message) {
    if (!this.worker) {
      const whole = new Blob([text, 'gm.live.serve();'], { type: 'text/javascript' });
      this.worker = new Worker(URL.createObjectURL(whole));
      this.worker.onmessage = ({ data }) => props.received(this, data);
      this.worker.onerror = props.failed;
    }
    this.plots.clear();
    // The last of the kernel's builds computes alike everywhere.
    const kernel = gm.decodeBase64(gm.kernels[gm.kernels.length - 1]);
    this.post('start', { settings: setups.settings(this.setup), kernel, ...message });
  }
}

const panels = ['A', 'B'].map((letter) => new Panel(letter));

return {
  panels,

  // Fetch what trains: gm.live, for the page's own use and for Workers.
  async load(file) {
    const src = gm.root + 'file/' + file, answer = await fetch(src);
    if (!answer.ok) throw new Error(answer.status);
    text = await answer.text();
    await new Promise((onload, onerror) => {
      document.head.append(Object.assign(document.createElement('script'), { src, onload, onerror }));
    });
    panels.forEach((panel) => { panel.plots = gm.live.createPlots(panel.view); });
    return gm.live;
  },
};
