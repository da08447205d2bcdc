// What follows the visitor's hand: a pen, Undo, and examples that are pressed.
(() => {
  const MAX_UNDO = 50;

  // A pen on an element: one pointer, from where it goes down to where its stroke ends, however that happens. size():
  // width and height in the units of places; begin(): false where nothing can be drawn; draw(from, to): the first time
  // from a place to itself; end(). Returns { isDown() }.
  function followPointer(pad, { size, begin, draw, end }) {
    let at = null, pointer = null;
    const placeOf = ({ clientX, clientY }) => {
      const box = pad.getBoundingClientRect(), [width, height] = size();
      return [(clientX - box.left) / box.width * width, (clientY - box.top) / box.height * height];
    };
    pad.addEventListener('pointerdown', (event) => {
      if (at || event.button || begin() === false) return;  // a second finger, or another button
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      at = placeOf(event);
      draw(at, at);
    });
    pad.addEventListener('pointermove', (event) => {
      if (!at || event.pointerId !== pointer) return;
      for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
        const to = placeOf(part);
        draw(at, to);
        at = to;
      }
    });
    pad.addEventListener('lostpointercapture', (event) => {
      if (!at || event.pointerId !== pointer) return;
      at = null;
      end();
    });
    return { isDown: () => at !== null };
  }

  // What a button brings back: take() gives what there is, put(kept) shows it again. Returns { save(), to be called
  // before each change; clear() }.
  function undoable(button, take, put) {
    const kept = [], show = () => { button.disabled = !kept.length; };
    button.addEventListener('click', () => {
      put(kept.pop());
      show();
    });
    return {
      save() {
        kept.push(take());
        if (kept.length > MAX_UNDO) kept.shift();
        show();
      },
      clear() {
        kept.length = 0;
        show();
      },
    };
  }

  // Calls act(levels) for an example that is pressed while an activity's element is in sight, if it has as many pixels as
  // size() says, { width, height }, or null while nothing can be shown. Then brings `target` in sight: on a phone the
  // examples stand far below it.
  function followExamples(element, target, size, act) {
    document.addEventListener('gm-example', ({ detail: { image, levels } }) => {
      const { width, height } = size() || {};
      if (!element.offsetParent || image.width !== width || image.height !== height) return;
      act(levels);
      target.scrollIntoView({ block: 'nearest' });
    });
  }

  Object.assign(gm, { followPointer, undoable, followExamples });
})();
