// Threads beside the page's own, each with an engine: what takes long is computed there.
(() => {
  const MAX_WORKERS = 4;

  // What a Worker runs. It answers each message once, under the message's number.
  function serveInWorker(parts) {
    const engine = {}, decoders = {}, fields = {};
    let runtime = null;
    parts.forEach((part) => part(engine));
    const answers = {
      async load({ kernels, name, plan, weights, batch, limit }) {
        runtime = runtime || await engine.createRuntime(kernels);
        decoders[name] = new engine.Decoder(runtime, plan, weights, batch);
        return { ms: decoders[name].benchmark(limit) };
      },
      decode({ name, rows, categories }) {
        return { pixels: decoders[name].decodeAll(rows, categories).slice() };
      },
      async loadField({ kernels, name, plan, weights, batch }) {
        runtime = runtime || await engine.createRuntime(kernels);
        fields[name] = new engine.UNet(runtime, plan, weights, batch);
        return {};
      },
      ends({ name, x, t, labels, guidance }) { return { ends: fields[name].guidedEnds(x, t, labels, guidance) }; },
      logProbs({ name, rows, binary }) { return { values: decoders[name].logProbs(rows, binary) }; },
    };
    onmessage = async ({ data }) => {
      try {
        const answer = await answers[data.action](data);
        postMessage({ number: data.number, ...answer }, answer.pixels ? [answer.pixels.buffer] : []);
      } catch (error) {
        postMessage({ number: data.number, error: error.message });
      }
    };
  }

  class EngineWorker {
    constructor(url) {
      this.waiting = new Map();
      this.sent = 0;
      this.worker = new Worker(url);
      this.worker.onmessage = ({ data }) => this.settle(data.number, data);
      this.worker.onerror = (event) => {
        event.preventDefault();
        workers = null;
        [...this.waiting.keys()].forEach((number) => this.settle(number, { error: event.message || 'worker' }));
      };
    }

    settle(number, answer) {
      const { done, failed } = this.waiting.get(number);
      this.waiting.delete(number);
      if (answer.error) failed(new Error(answer.error));
      else done(answer);
    }

    ask(action, more) {
      const number = ++this.sent;
      this.worker.postMessage({ action, number, ...more });
      return new Promise((done, failed) => this.waiting.set(number, { done, failed }));
    }
  }

  let workers = null;

  // The Workers, each with ask(action, more): a promise of the answer. After one has failed they are started anew.
  gm.startWorkers = () => {
    if (workers) return workers;
    const text = '(' + serveInWorker + ')([' + gm.engineParts.join(',\n') + '])';
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const count = Math.min(MAX_WORKERS, navigator.hardwareConcurrency || 2);
    workers = Array.from({ length: count }, () => new EngineWorker(url));
    return workers;
  };
})();
