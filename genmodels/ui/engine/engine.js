// Decodes latents to images in the page and encodes images to latents, from the same weights.safetensors that Python
// reads: single images at once, grids in Workers, so that the page stays fluent.
//
// Each of gm.engine's loaders resolves to null if the page is better served by the server: there is no plan for the
// model, its weights cannot be fetched, or this machine is too slow.
(() => {
  const MAX_DECODE_MS = 30;  // per image; where it takes longer, the server decodes
  const MAX_GRID_MS = 250;  // for GRID_SIZE images by all Workers; likewise
  const GRID_SIZE = 64, MAX_WORKERS = 4;
  const CHUNK = 8;  // images that a Worker decodes at once
  const kernels = gm.kernels.map(gm.decodeBase64);
  const engine = {};
  gm.engineParts.forEach((part) => part(engine));

  async function fetchPlan(name) {
    const plan = await gm.fetchJson('plan/' + encodeURIComponent(name));
    return plan.layers ? plan : null;
  }

  function fetchWeights(plan, layers) {
    return gm.fetchTensors(gm.root + plan.weights, layers.flatMap((layer) => [layer.weight, layer.bias]));
  }

  // ---- In the page's own thread

  const runtimes = [];
  function runtimeWithout(skip) {
    runtimes[skip] = runtimes[skip] || engine.createRuntime(kernels.slice(skip));
    return runtimes[skip];
  }

  // skip: how many of the kernel's builds, the best first, are not to be used; with none left it is all JavaScript.
  // maxMs: milliseconds per image from which there is no decoder.
  async function create(name, skip = 0, maxMs = MAX_DECODE_MS) {
    const plan = await fetchPlan(name);
    if (!plan) return null;
    const weights = await fetchWeights(plan, plan.layers), runtime = await runtimeWithout(skip);
    return createDecoder(runtime, plan, weights, maxMs);
  }

  function createDecoder(runtime, plan, weights, maxMs) {
    const { top } = runtime, decoder = new engine.Decoder(runtime, plan, weights);
    if (decoder.benchmark(maxMs) < maxMs) return decoder;
    runtime.top = top;  // safe: nothing since then has awaited, so no other decoder was allocated in between
    return null;
  }

  // An encoder and the decoder after it: { encoder, decoder }.
  async function createAutoencoder(name, skip = 0, maxMs = MAX_DECODE_MS) {
    const plan = await fetchPlan(name);
    if (!plan || !plan.encoder) return null;
    const weights = await fetchWeights(plan, [...plan.encoder.layers, ...plan.layers]);
    const runtime = await runtimeWithout(skip), decoder = createDecoder(runtime, plan, weights, maxMs);
    return decoder && { encoder: new engine.Encoder(runtime, plan.encoder, weights), decoder };
  }

  // ---- In Workers

  // What a Worker runs. It answers each message once, under the message's number.
  function serveInWorker(parts) {
    const engine = {}, decoders = {};
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
  function startWorkers() {
    if (workers) return workers;
    const text = '(' + serveInWorker + ')([' + gm.engineParts.join(',\n') + '])';
    const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const count = Math.min(MAX_WORKERS, navigator.hardwareConcurrency || 2);
    workers = Array.from({ length: count }, () => new EngineWorker(url));
    return workers;
  }

  // Draws grids of one model's images. draw() may be called faster than they are drawn: the grid in work is completed,
  // then the latest is begun, and those in between are left out.
  class GridDecoder {
    constructor(name, plan) {
      Object.assign(this, { name, plan, current: null, next: null, drawn: [], jobs: 0 });
      this.free = workers.flatMap((worker) => [worker, worker]);  // a chunk in work and one that waits, for each
    }

    // rows: the latents, categories: a category for each; order: indices of all, those to be drawn first at the front.
    // onImage(index, pixels) is called as images come.
    draw(rows, categories, order, onImage) {
      const chunk = Math.min(CHUNK, Math.ceil(order.length / (2 * workers.length)));
      this.next = { rows, categories, order, onImage, chunk, number: ++this.jobs, begun: 0 };
      this.feed();
    }

    feed() {
      while (this.free.length) {
        if (!this.current) [this.current, this.next] = [this.next, null];
        if (!this.current) return;
        const job = this.current, indices = job.order.slice(job.begun, job.begun + job.chunk);
        job.begun += job.chunk;
        if (job.begun >= job.order.length) this.current = null;
        this.decode(this.free.shift(), job, indices);
      }
    }

    async decode(worker, job, indices) {
      const rows = indices.map((i) => job.rows[i]), categories = indices.map((i) => job.categories[i]);
      const { pixels } = await worker.ask('decode', { name: this.name, rows, categories });
      const size = pixels.length / indices.length;
      indices.forEach((index, i) => {
        if (this.drawn[index] > job.number) return;  // by a Worker that was quicker with a later grid
        this.drawn[index] = job.number;
        job.onImage(index, pixels.subarray(i * size, (i + 1) * size));
      });
      this.free.push(worker);
      this.feed();
    }
  }

  async function createGrid(name) {
    const plan = await fetchPlan(name);
    if (!plan) return null;
    const weights = await fetchWeights(plan, plan.layers), limit = MAX_GRID_MS / GRID_SIZE;
    const found = await Promise.all(startWorkers().map((worker) => (
      worker.ask('load', { kernels, name, plan, weights, batch: CHUNK, limit }))));
    const perMs = found.reduce((sum, { ms }) => sum + 1 / ms, 0);
    return GRID_SIZE / perMs < MAX_GRID_MS ? new GridDecoder(name, plan) : null;
  }

  // Calls create(name) once for each name. After a failure the server is asked, and the next call tries anew.
  function once(create) {
    const found = {};
    return (name) => {
      found[name] = found[name] || create(name).catch((error) => {
        console.info('computed by the server: ' + name + ' (' + error.message + ')');
        delete found[name];
        return null;
      });
      return found[name];
    };
  }

  gm.engine = {
    create, createAutoencoder,
    load: once((name) => create(name)),  // a model's decoder
    loadGrid: once(createGrid),  // what draws grids of its images
    loadAutoencoder: once((name) => createAutoencoder(name)),
  };
})();
