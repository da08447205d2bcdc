// What plays by itself: in frames of the screen while it is in sight, at a pace that a slider sets.
(() => {
  // Returns a function that has work(now) called in the next frame, once however often it is asked for. Out of sight
  // there is no work until the activity is opened again.
  function framesFor(element, work) {
    let frame = null;
    const run = (now) => {
      frame = null;
      if (element.offsetParent) work(now);
    };
    const schedule = () => { if (frame === null) frame = requestAnimationFrame(run); };
    document.addEventListener('gm-activity', schedule);
    return schedule;
  }

  // How many steps a second: `rates` are those of the slider's places, Infinity for all at once. begin() starts the
  // clock; due(now): how many steps are due by now; took(count): those that were taken.
  function pace(slider, rates) {
    const output = slider.parentElement.querySelector('output');
    let owed = 0, last = 0;

    function show() {
      const rate = rates[slider.value];
      gm.setWords(output, rate === Infinity ? { key: 'pixels.speed.most' } : { key: 'pixels.speed.rate', values: { rate } });
      slider.setAttribute('aria-valuetext', output.textContent);
    }
    slider.addEventListener('input', show);
    document.addEventListener('gm-language', show);
    show();

    return {
      begin() { [owed, last] = [0, performance.now()]; },
      due(now) {
        const rate = rates[slider.value];
        owed = rate === Infinity ? Infinity : Math.min(owed + rate * (now - last) / 1000, Math.max(1, rate / 10));
        last = now;
        return Math.floor(owed);
      },
      took(count) { owed -= count; },
    };
  }

  Object.assign(gm, { framesFor, pace });
})();
