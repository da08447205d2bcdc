// Runs in a page before its own scripts and records when images change. A view is what a CSS selector finds: one
// canvas, the canvases of a grid, or an <img>.
window.bench = (() => {
  const views = new Map();  // selector -> what was seen there
  const hashes = new WeakMap();  // canvas -> hash of its pixels
  const nonBlack = new WeakSet();  // canvases that have shown anything but black
  const now = () => performance.now(), sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  let frame = 0, pointerId = 1;

  function watch(selector) {
    if (!views.has(selector)) {
      views.set(selector, { updates: [], painted: new Set(), changed: false, waiting: [], source: null });
    }
    return views.get(selector);
  }
  function update(view, at, frame) {
    view.updates.push({ at, frame });
    view.waiting.splice(0).forEach((done) => done(at));
  }
  function hash(data) {
    let sum = 0, any = 0;
    for (const pixel of new Uint32Array(data.buffer)) {
      sum = Math.imul(sum ^ pixel, 16777619);
      any |= pixel & 0xffffff;
    }
    return [sum, any !== 0];
  }

  // An update of a view is complete when all its canvases have been painted; it counts if one of them changed.
  function flush(selector, view) {
    view.flushing = false;
    if (![...document.querySelectorAll(selector)].every((canvas) => view.painted.has(canvas))) return;
    if (view.changed) update(view, view.at, view.frame);
    view.painted.clear();
    view.changed = false;
  }
  const putImageData = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
    putImageData.call(this, image, ...place);
    const at = now(), canvas = this.canvas;
    if (!canvas.isConnected) return;
    const [digest, hasContent] = hash(image.data), changed = hashes.get(canvas) !== digest;
    hashes.set(canvas, digest);
    if (hasContent) nonBlack.add(canvas);
    for (const [selector, view] of views) {
      if (!canvas.matches(selector)) continue;
      view.painted.add(canvas);
      view.changed ||= changed;
      Object.assign(view, { at, frame });
      if (!view.flushing) queueMicrotask(() => flush(selector, view));
      view.flushing = true;
    }
  };
  document.addEventListener('load', (event) => {
    const at = now(), image = event.target;
    if (!(image instanceof HTMLImageElement) || !image.isConnected) return;
    for (const [selector, view] of views) {
      if (!image.matches(selector) || view.source === image.src) continue;
      view.source = image.src;
      update(view, at, frame);
    }
  }, true);
  addEventListener('pointerdown', (event) => { pointerId = event.pointerId; }, true);

  // What is on screen, as text: the hashes of the pixels of each canvas or <img>.
  function snapshot(selector) {
    return [...document.querySelectorAll(selector)].map((element) => {
      if (element instanceof HTMLCanvasElement) return hashes.get(element);
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: element.naturalWidth, height: element.naturalHeight });
      const context = canvas.getContext('2d');
      context.drawImage(element, 0, 0);
      return hash(context.getImageData(0, 0, canvas.width, canvas.height).data)[0];
    }).join();
  }

  // A function that moves a slider, or a pad on which the mouse is down, to a position from 0 to 1; or a pen anywhere.
  function mover({ kind, control }) {
    const element = document.querySelector(control);
    if (kind === 'pad') {
      const box = element.getBoundingClientRect();
      return (position) => element.dispatchEvent(new PointerEvent('pointermove', {
        bubbles: true, cancelable: true, pointerId, pointerType: 'mouse', isPrimary: true, buttons: 1,
        clientX: box.left + box.width * (0.1 + 0.8 * position), clientY: box.top + box.height * (0.3 + 0.4 * position),
      }));
    }
    if (kind === 'pen') {  // a spiral, so that each move draws something new
      const box = element.getBoundingClientRect();
      let moves = 0;
      return () => {
        const angle = 0.35 * moves, radius = 0.42 - 0.001 * moves++;
        const move = {
          bubbles: true, cancelable: true, pointerId, pointerType: 'mouse', isPrimary: true, buttons: 1,
          clientX: box.left + box.width * (0.5 + radius * Math.sin(angle)),
          clientY: box.top + box.height * (0.5 + radius * Math.cos(angle)),
        };
        const coalescedEvents = [new PointerEvent('pointermove', move)];
        element.dispatchEvent(new PointerEvent('pointermove', { ...move, coalescedEvents }));
      };
    }
    const low = Number(element.min), high = Number(element.max);
    return (position) => {
      element.value = low + position * (high - low);
      element.dispatchEvent(new Event('input', { bubbles: true }));
    };
  }
  const jumpPosition = (i) => (0.5 + i * 0.6180339887) % 1;  // golden ratio: successive positions are far apart
  const sweepPosition = (i) => 1 - Math.abs(i % 120 - 60) / 60;  // end to end in 60 steps, each a change

  async function measureLatency(target, position, limit) {
    const move = mover(target), view = watch(target.image);
    const shown = new Promise((done) => view.waiting.push(done)), from = now();
    move(position);
    const at = await Promise.race([shown, sleep(limit)]);
    view.waiting.length = 0;
    return at === undefined ? null : at - from;
  }
  async function measureLatencies(target, count, rest, limit) {
    const times = [];
    for (let i = 0, missed = 0; i < count; i++) {
      // After five misses in a row no more images will come.
      times.push(missed < 5 ? await measureLatency(target, jumpPosition(i), limit) : null);
      missed = times[i] === null ? missed + 1 : 0;
      if (missed < 5) await sleep(rest);
    }
    return times;
  }
  function drag(target, seconds) {
    const move = mover(target), view = watch(target.image);
    view.updates.length = 0;
    return new Promise((done) => {
      let inputs = 0, first = null;
      const step = () => {
        first ??= now();
        const passed = (now() - first) / 1000;
        if (passed >= seconds) {
          const frames = new Set(view.updates.filter((u) => u.at >= first).map((u) => u.frame));
          done({ inputs, seconds: passed, frames: frames.size });
          return;
        }
        frame++;
        move(sweepPosition(inputs++));
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }
  async function waitIdle(selector, idle = 700, limit = 10000) {
    const view = watch(selector), from = now();
    const last = () => Math.max(from, view.updates.length ? view.updates[view.updates.length - 1].at : 0);
    while (now() - last() < idle && now() - from < limit) await sleep(50);
  }
  // Whether a drag left anything on screen but the image of its last position, which is set again after another one.
  async function lastInputDropped(target, inputs) {
    const move = mover(target), last = sweepPosition(inputs - 1);
    await waitIdle(target.image);
    const afterDrag = snapshot(target.image);
    for (const position of [(last + 0.5) % 1, last]) {
      move(position);
      await waitIdle(target.image);
    }
    return snapshot(target.image) !== afterDrag;
  }
  function isPainted(selector) {
    const found = [...document.querySelectorAll(selector)];
    return found.length > 0 && found.every((canvas) => nonBlack.has(canvas));
  }
  return { watch, measureLatencies, drag, lastInputDropped, waitIdle, isPainted };
})();
