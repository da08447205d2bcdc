// Decodes latents to images in the page and encodes images to latents, from the same weights.safetensors that Python
// reads: single images at once, grids in Workers, so that the page stays fluent.
//
// Each of gm.engine's loaders resolves to null if the page is better served by the server: there is no plan for the
// model, its weights cannot be fetched, or this machine is too slow.
(() => {
  const MAX_DECODE_MS = 30;  // per image; where it takes longer, the server decodes or classifies
  const MAX_GRID_MS = 1000;  // for GRID_SIZE images by all Workers; likewise
  const GRID_SIZE = 64;
  const CHUNK = 8;  // images that a Worker decodes at once
  const kernels = gm.kernels.map(gm.decodeBase64);
  const engine = {};
  gm.engineParts.forEach((part) => part(engine));

  async function fetchPlan(name) {
    const plan = await gm.fetchJson('plan/' + encodeURIComponent(name));
    return plan.layers ? plan : null;
  }

  function fetchWeights(plan, layers) {
    return gm.fetchTensors(gm.root + plan.weights, engine.tensorNames(layers), plan.tensors);
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

  // The same decoder, which notes how long its last image took.
  function timed(decoder) {
    const { decode } = decoder;
    decoder.decode = (...args) => {
      const start = performance.now(), image = decode.apply(decoder, args);
      gm.lastMs = performance.now() - start;
      return image;
    };
    return decoder;
  }

  function createDecoder(runtime, plan, weights, maxMs) {
    const { top } = runtime, decoder = new engine.Decoder(runtime, plan, weights);
    if (decoder.benchmark(maxMs) < maxMs) return timed(decoder);
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

  // What judges likeness by a model's features: { features(pixels), errors(a, b), plan }.
  async function createLikeness(name, skip = 0) {
    const plan = await fetchPlan(name);
    if (!plan || !plan.likeness) return null;
    const weights = await fetchWeights(plan, plan.likeness.layers);
    return new engine.FeatureMaps(await runtimeWithout(skip), plan.likeness, weights);
  }

  // Latents to vertices: { decode(z), plan } of a model of meshes.
  async function createMesh(name, skip = 0) {
    const { mesh, weights: path, tensors } = await gm.fetchJson('plan/' + encodeURIComponent(name));
    if (!mesh) return null;
    const names = [...engine.tensorNames(mesh.layers), mesh.low, mesh.high];
    const weights = await gm.fetchTensors(gm.root + path, names, tensors);
    return new engine.MeshDecoder(await runtimeWithout(skip), mesh, weights);
  }

  // Images to the logits of their classes: { logits(pixels), plan } and, where they are sums over pixels, what each of
  // those adds (classifiers.js).
  async function createClassifier(name, skip = 0, maxMs = MAX_DECODE_MS) {
    const { classifier, weights: path, tensors } = await gm.fetchJson('plan/' + encodeURIComponent(name));
    if (!classifier) return null;
    const weights = await gm.fetchTensors(gm.root + path, classifier.tensors, tensors);
    return engine.createClassifier(await runtimeWithout(skip), classifier, weights, maxMs);
  }

  // Images to what is believed of them and said: { logits(pixels), caption(pixels, category, language) }.
  async function createDescriber(name, skip = 0) {
    const plan = await gm.fetchJson('plan/' + encodeURIComponent(name)), { classifier, encoder, captions } = plan;
    if (!classifier || !encoder || !captions) return null;
    const names = [...classifier.tensors, ...engine.tensorNames(encoder.layers), ...engine.captionTensors(captions)];
    const weights = await gm.fetchTensors(gm.root + plan.weights, names, plan.tensors);
    const runtime = await runtimeWithout(skip), found = engine.createClassifier(runtime, classifier, weights, MAX_DECODE_MS);
    if (!found) return null;
    const latents = new engine.Encoder(runtime, encoder, weights), writer = new engine.CaptionWriter(captions, weights);
    return {
      logits: (pixels) => found.logits(pixels),
      caption: (pixels, category, language) => writer.write(latents.encode(pixels, category), category, language),
    };
  }

  // Networks that branch, of trace_graph's plans by their names, in one runtime.
  async function createGraphs(plans, weights, functions, skip = 0) {
    const runtime = await runtimeWithout(skip);
    return Object.fromEntries(Object.entries(plans).map(([key, plan]) => (
      [key, new engine.Graph(runtime, plan, weights, functions)])));
  }

  // ---- Grids

  // What decodes a grid's images, `chunk` at a time, in `ms` each: `slots`, each a function as Decoder's decodeAll that
  // returns a promise. Two of them share a Worker, so that a chunk waits there while another is decoded.
  const workersFor = (name, ms) => ({
    ms, chunk: CHUNK,
    slots: gm.startWorkers().flatMap((worker) => {
      const decode = async (rows, categories) => (await worker.ask('decode', { name, rows, categories })).pixels;
      return [decode, decode];
    }),
  });

  // Draws grids of one model's images. draw() may be called faster than they are drawn: the grid in work is completed,
  // then the latest is begun, and those in between are left out.
  class GridDecoder {
    constructor(plan, workers) {
      Object.assign(this, { plan, workers, current: null, next: null, drawn: [], jobs: 0 });
      this.use(workers);
    }

    use({ slots, chunk, ms }) { Object.assign(this, { slots, chunk, ms, free: [...slots] }); }

    // rows: the latents, categories: a category for each; order: indices of all, those to be drawn first at the front.
    // onImage(index, pixels) is called as images come.
    draw(rows, categories, order, onImage) {
      const chunk = Math.min(this.chunk, Math.ceil(order.length / this.slots.length));
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

    async decode(slot, job, indices) {
      const rows = indices.map((i) => job.rows[i]), categories = indices.map((i) => job.categories[i]);
      const pixels = await slot(rows, categories).catch(() => null);
      gm.lastMs = this.ms;
      if (!pixels) {  // the browser has taken the GPU away
        this.next = this.next || { ...job, begun: 0 };
        if (!this.workers.slots.includes(slot)) this.use(this.workers);
        this.feed();
        return;
      }
      const size = pixels.length / indices.length;
      indices.forEach((index, i) => {
        if (this.drawn[index] > job.number) return;  // by a slot that was quicker with a later grid
        this.drawn[index] = job.number;
        job.onImage(index, pixels.subarray(i * size, (i + 1) * size));
      });
      if (this.slots.includes(slot)) this.free.push(slot);
      this.feed();
    }
  }

  // The GPU as a slot, if it decodes GRID_SIZE images in less than `limit` milliseconds, as `check` does to one gray
  // level.
  async function gpuFor(plan, weights, check, limit) {
    const gpu = await gm.createGpuDecoder(engine, plan, weights, GRID_SIZE).catch(() => null);
    if (!gpu) return null;
    const rows = Array.from({ length: GRID_SIZE }, (_, i) => new Array(plan.dim).fill(0.5 - i / GRID_SIZE));
    const categories = rows.map((_, i) => i % Math.max(1, plan.categories));
    const expected = await check(rows.slice(0, CHUNK), categories.slice(0, CHUNK));
    let best = Infinity, found = null;
    for (let i = 0; i < 4 && (i < 2 || best < 2 * limit); i++) {  // the first one is slow
      const start = performance.now();
      found = await gpu.decodeAll(rows, categories);
      best = Math.min(best, performance.now() - start);
    }
    if (best < limit && expected.every((level, i) => Math.abs(level - found[i]) <= 1)) {
      return { slots: [gpu.decodeAll], chunk: GRID_SIZE, ms: best / GRID_SIZE };
    }
    gpu.destroy();
    return null;
  }

  // Give a decoder to all Workers; resolves to the milliseconds per image of all together.
  async function loadWorkers(name, plan, weights, limit) {
    const found = await Promise.all(gm.startWorkers().map((worker) => (
      worker.ask('load', { kernels, name, plan, weights, batch: CHUNK, limit }))));
    return 1 / found.reduce((sum, each) => sum + 1 / each.ms, 0);
  }

  async function createGrid(name) {
    const plan = await fetchPlan(name);
    if (!plan) return null;
    const weights = await fetchWeights(plan, plan.layers), limit = MAX_GRID_MS / GRID_SIZE;
    const ms = await loadWorkers(name, plan, weights, limit), gridMs = ms * GRID_SIZE;
    const byWorkers = workersFor(name, ms);
    const grid = new GridDecoder(plan, byWorkers), byGpu = gpuFor(plan, weights, byWorkers.slots[0], gridMs);
    if (gridMs >= MAX_GRID_MS && !await byGpu) return null;
    byGpu.then((better) => { if (better) grid.use(better); });  // drawn by the Workers until then
    return grid;
  }

  // ---- Posteriors

  // Of a VAE with Bernoulli pixels: { decoder, encode, logProbs }. Images are of 0 and 1. encode(image): { mu, logvar };
  // logProbs(rows, image): a promise of log p(image | z) for each of the latents, computed in Workers.
  async function createPosterior(name) {
    const plan = await fetchPlan(name);
    if (!plan || !plan.encoder || !plan.logvar || plan.likelihood !== 'bernoulli' || plan.output[0][0] !== 'sigmoid') {
      return null;
    }
    const weights = await fetchWeights(plan, [...plan.encoder.layers, ...plan.logvar.layers, ...plan.layers]);
    const decoderWeights = Object.fromEntries(engine.tensorNames(plan.layers).map((key) => [key, weights[key]]));
    await loadWorkers(name, plan, decoderWeights, MAX_DECODE_MS);
    const runtime = await runtimeWithout(0);
    const [mean, logvar] = [plan.encoder, plan.logvar].map((part) => new engine.Encoder(runtime, part, weights));
    const gray = (image) => image.map((white) => 255 * white);
    return {
      decoder: new engine.Decoder(runtime, plan, weights),
      encode: (image) => ({ mu: mean.encode(gray(image), 0), logvar: logvar.encode(gray(image), 0) }),
      async logProbs(rows, image) {
        const answers = [], found = gm.startWorkers(), size = Math.ceil(rows.length / found.length);
        for (let i = 0; i < rows.length; i += size) {
          answers.push(found[i / size].ask('logProbs', { name, rows: rows.slice(i, i + size), binary: image }));
        }
        return (await Promise.all(answers)).flatMap(({ values }) => [...values]);
      },
    };
  }

  // ---- Fields from noise to images

  // All parts of a plan that are layers.
  const layersOf = (part) => (part.weight ? [part] : Object.values(part).flatMap(
    (inner) => (typeof inner === 'object' ? layersOf(inner) : [])));

  // { plan, ends(x, t, labels, guidance) }: a promise of what UNet's guidedEnds gives, computed in Workers.
  async function createField(name) {
    const { flow: plan, ...files } = await gm.fetchJson('plan/' + encodeURIComponent(name));
    if (!plan) return null;
    const weights = await fetchWeights(files, layersOf(plan));
    const found = gm.startWorkers(), size = plan.height * plan.width;
    await Promise.all(found.map((worker) => worker.ask('loadField', { kernels, name, plan, weights, batch: CHUNK })));
    return {
      plan,
      async ends(x, t, labels, guidance) {
        const share = Math.ceil(labels.length / found.length), ends = new Float32Array(x.length);
        await Promise.all(found.map(async (worker, i) => {
          const [from, to] = [i * share, (i + 1) * share], some = labels.slice(from, to);
          if (!some.length) return;
          const given = { name, x: x.slice(from * size, to * size), t, labels: some, guidance };
          ends.set((await worker.ask('ends', given)).ends, from * size);
        }));
        return ends;
      },
    };
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
    create, createAutoencoder, createMesh, createLikeness, createGraphs, createClassifier, createDescriber,
    graphTensors: engine.graphTensors,
    // What decodes `batch` images by WebGPU, be it in software.
    async createGpu(name, batch) {
      const plan = await fetchPlan(name), weights = await fetchWeights(plan, plan.layers);
      return gm.createGpuDecoder(engine, plan, weights, batch, true);
    },
    load: once((name) => create(name)),  // a model's decoder
    loadGrid: once(createGrid),  // what draws grids of its images
    loadAutoencoder: once((name) => createAutoencoder(name)),
    loadLikeness: once((name) => createLikeness(name)),
    loadMesh: once((name) => createMesh(name)),
    loadField: once(createField),  // the field of a model that goes from noise to images
    loadClassifier: once((name) => createClassifier(name)),
    loadDescriber: once((name) => createDescriber(name)),
    loadPosterior: once(createPosterior),  // a VAE's encoder and likelihood
  };
})();
