// Draws images pixel by pixel in the page, from the same weights.safetensors that Python reads, by a plan of
// pixel_plan.py. What the pixels so far have led to is kept, so that a pixel costs what its own features cost: plain
// JavaScript decides several pixels in a millisecond.
(() => {
  const { sigmoid, prepare, tensorsOf, causalConv } = gm.cells;

  class PixelNetwork {
    constructor(plan, tensors) {
      const size = [plan.height, plan.width], sizes = [];
      const reserve = (count) => sizes.push(count) - 1;
      const prepareAll = (operations) => operations.map((operation) => prepare(operation, tensors, size, reserve));
      Object.assign(this, { height: plan.height, width: plan.width, pixels: plan.height * plan.width, sizes,
        position: tensors[plan.position], ink: tensors[plan.ink], features: new Float64Array(plan.first.outputs),
        first: causalConv(plan.first, tensors, size, reserve),
        layers: plan.layers.map(prepareAll), head: prepareAll(plan.head) });
    }

    begin() { return new PixelRun(this, this.sizes.map((count) => new Float32Array(count))); }
  }

  // An image at work: `at` is the next pixel, in reading order. For each in turn logit(), then put().
  class PixelRun {
    constructor(network, memory, at = 0) { Object.assign(this, { network, memory, at }); }

    // The logit of a white pixel.
    logit() {
      const { network, memory, at } = this, { features, width } = network;
      const row = Math.floor(at / width), column = at % width, count = features.length;
      const seen = network.first.get(memory, row, column);
      for (let i = 0; i < count; i++) features[i] = seen[i] + network.position[at * count + i];
      for (const operations of network.layers) {
        let h = features;
        for (const operation of operations) h = operation(memory, h, row, column);
        for (let i = 0; i < count; i++) features[i] += h[i];
      }
      let h = features;
      for (const operation of network.head) h = operation(memory, h, row, column);
      return h[0] + network.ink[at];
    }

    put(isWhite) {
      const { width } = this.network;
      this.network.first.put(this.memory, [isWhite ? 1 : -1], Math.floor(this.at / width), this.at % width);
      this.at++;
    }

    // Go back to a pixel. What is kept of it and of later ones is written anew before it is read.
    rewind(at) { this.at = Math.min(this.at, at); }

    // The same image at an earlier pixel, to be gone on with in another way.
    fork(at) { return new PixelRun(this.network, this.memory.map((values) => values.slice()), Math.min(this.at, at)); }
  }

  const loaded = {};

  gm.pixels = {
    // The network of a model that draws pixel by pixel; null where the page cannot run it.
    async load(name) {
      const { pixels, weights, tensors } = await gm.fetchJson('plan/' + encodeURIComponent(name));
      if (!pixels) return null;
      if (!loaded[weights]) {
        const operations = [pixels.first, ...pixels.layers.flat(), ...pixels.head];
        const names = operations.flatMap(tensorsOf);
        const found = await gm.fetchTensors(gm.root + weights, [...names, pixels.position, pixels.ink], tensors);
        loaded[weights] = new PixelNetwork(pixels, found);
      }
      return loaded[weights];
    },

    sigmoid,

    // The surprise at a pixel in nats, -log of the probability that it had.
    surprise: (logit, isWhite) => {
      const against = isWhite ? -logit : logit;
      return Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
    },

    // Whether a die, a latent in [-1, 1], makes a pixel white: where its place in [0, 1] is below the probability.
    isWhite: (die, logit) => Math.log(1 + die) - Math.log(1 - die) < logit,
  };
})();
