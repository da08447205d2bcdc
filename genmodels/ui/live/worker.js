// What a Worker runs for one panel: it trains up to the step that the page allows, and reports what is to be seen.
gm.engineParts.push((engine) => {
  const { Trainer } = engine;
  const SLICE_MS = 8;  // after which messages are read
  const REPORT_MS = 50;

  let trainer = null, run = 0, limit = 0, isHeated = true, isWorking = false, lastReport = 0;
  let losses = [0, 0], count = 0;  // sums since the last report

  function report() {
    lastReport = performance.now();
    const shown = trainer.show(), heat = isHeated ? trainer.heat() : null;
    const buffers = [shown.points, shown.lines, heat].filter(Boolean).map(({ buffer }) => buffer);
    const means = count ? losses.map((sum) => sum / count) : null;
    postMessage({ run, step: trainer.step, heat, losses: means, ...shown }, buffers);
    [losses, count] = [[0, 0], 0];
  }

  function work() {
    const end = performance.now() + SLICE_MS;
    while (trainer.step < limit && performance.now() < end) {
      const [first, second] = trainer.advance();
      losses[0] += first;
      losses[1] += second;
      count++;
    }
    isWorking = trainer.step < limit;
    if (!isWorking || performance.now() > lastReport + REPORT_MS) report();
    if (isWorking) queue.port2.postMessage(null);
  }

  // What comes next after the messages that have arrived; a timer would wait for 4 ms each time.
  let queue = null;

  const answers = {
    async start({ kernel, settings, data, drawn, seed, ...message }) {
      trainer = trainer || new Trainer(await engine.createRuntime([kernel]));
      trainer.reset(settings, data, seed, drawn);
      [run, limit, losses, count] = [message.run, 0, [0, 0], 0];
      report();
    },
    change({ settings }) { trainer.change(settings); },
    allow(message) {
      ({ limit } = message);
      if (trainer.step < limit && !isWorking) {
        isWorking = true;
        queue.port2.postMessage(null);
      }
    },
    look(message) {
      isHeated = message.isHeated;
      if (trainer && !isWorking) report();
    },
  };

  engine.serve = () => {
    queue = new MessageChannel();
    queue.port1.onmessage = work;
    let last = Promise.resolve();  // messages one after the other, also while the kernel is compiled
    onmessage = ({ data }) => { last = last.then(() => answers[data.action](data)); };
  };
});
