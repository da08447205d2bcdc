// Draws images pixel by pixel in the page, from the same weights.safetensors that Python reads, by a plan of
// pixel_plan.py. What the pixels so far have led to is kept, so that a pixel costs what its own features cost: plain
// JavaScript decides several pixels in a millisecond.
(() => {
  const sigmoid = (value) => 1 / (1 + Math.exp(-value));

  // out += weights' input-th rows, from row `start`, times input[from...]: `inputs` of them.
  function addProduct(out, weights, start, input, from, inputs) {
    const outputs = out.length;
    for (let c = 0, w = start * outputs; c < inputs; c++, w += outputs) {
      const value = input[from + c];
      if (value === 0) continue;
      for (let o = 0; o < outputs; o++) out[o] += value * weights[w + o];
    }
  }

  // Torch's weights [outputs, inputs, taps] as rows [taps * inputs][outputs].
  function asRows(weights, outputs, inputs, taps) {
    const rows = new Float32Array(weights.length);
    for (let o = 0, at = 0; o < outputs; o++) {
      for (let c = 0; c < inputs; c++) for (let t = 0; t < taps; t++) rows[(t * inputs + c) * outputs + o] = weights[at++];
    }
    return rows;
  }

  // ---- Operations: each takes a plan's operation and its tensors, and returns a function (memory, input, row, column)
  // of one pixel's values. `reserve(size)` is the place of that many numbers in `memory`, which an image keeps.

  function relu() {
    let out = new Float64Array(0);
    return (memory, input) => {
      if (out.length !== input.length) out = new Float64Array(input.length);
      for (let i = 0; i < out.length; i++) out[i] = Math.max(0, input[i]);
      return out;
    };
  }

  function gate() {
    let out = new Float64Array(0);
    return (memory, input) => {
      const half = input.length / 2;
      if (out.length !== half) out = new Float64Array(half);
      for (let i = 0; i < half; i++) out[i] = Math.tanh(input[i]) * sigmoid(input[half + i]);
      return out;
    };
  }

  function linear({ inputs, outputs, bias }, tensors) {
    const rows = asRows(tensors.weight, outputs, inputs, 1), out = new Float64Array(outputs);
    return (memory, input) => {
      if (bias) out.set(tensors.bias);
      else out.fill(0);
      addProduct(out, rows, 0, input, 0, inputs);
      return out;
    };
  }

  // CausalConv2d of nn/causal.py. put() gives it a pixel's inputs, get() has its outputs.
  function causalConv({ inputs, outputs, rows, reach, dilation, sees_itself: seesItself }, tensors, size, reserve) {
    const [height, width] = size, margin = reach * dilation, stride = (width + 2 * margin) * inputs;
    const place = reserve(height * stride), out = new Float64Array(outputs), side = 2 * reach + 1;
    const above = rows && asRows(tensors.above, outputs, inputs, rows * side), taps = reach + seesItself;
    const left = asRows(tensors.left, outputs, inputs, taps);
    const start = (row, column) => row * stride + (column + margin) * inputs;
    return {
      put(memory, values, row, column) { memory[place].set(values, start(row, column)); },
      get(memory, row, column) {
        const seen = memory[place];
        out.set(tensors.bias);
        for (let y = 0; y < rows; y++) {
          const from = row - (rows - y) * dilation;
          if (from < 0) continue;
          for (let x = 0; x < side; x++) {
            addProduct(out, above, (y * side + x) * inputs, seen, start(from, column + (x - reach) * dilation), inputs);
          }
        }
        for (let x = 0; x < taps; x++) {
          addProduct(out, left, x * inputs, seen, start(row, column + (x - reach) * dilation), inputs);
        }
        return out;
      },
    };
  }

  function conv(operation, tensors, size, reserve) {
    const { put, get } = causalConv(operation, tensors, size, reserve);
    return (memory, input, row, column) => {
      put(memory, input, row, column);
      return get(memory, row, column);
    };
  }

  // The input are gates; see `neighbors` and `cell` of nn/row_lstm.py. A row of states has a column of zeros at each end.
  function lstm({ inputs, outputs }, tensors, [height, width], reserve) {
    const n = inputs / 3, stride = (width + 2) * n, out = new Float64Array(n), gates = new Float64Array(outputs);
    const states = reserve(height * stride), cells = reserve(height * stride);
    const rows = asRows(tensors.weight, outputs, inputs, 1);
    return (memory, input, row, column) => {
      const at = row * stride + (column + 1) * n, above = at - stride;
      gates.set(input);
      if (row > 0) addProduct(gates, rows, 0, memory[states], above - n, inputs);
      for (let i = 0; i < n; i++) {
        const kept = row > 0 ? sigmoid(gates[n + i]) * memory[cells][above + i] : 0;
        const content = kept + sigmoid(gates[i]) * Math.tanh(gates[3 * n + i]);
        memory[cells][at + i] = content;
        memory[states][at + i] = out[i] = sigmoid(gates[2 * n + i]) * Math.tanh(content);
      }
      return out;
    };
  }

  const OPERATIONS = { relu, gate, linear, conv, lstm };
  const TENSORS = ['weight', 'bias', 'left', 'above'];

  class PixelNetwork {
    constructor(plan, tensors) {
      const size = [plan.height, plan.width], sizes = [];
      const reserve = (count) => sizes.push(count) - 1;
      const own = (operation) => Object.fromEntries(
        TENSORS.filter((key) => operation[key]).map((key) => [key, tensors[operation[key]]]));
      const prepare = (operation) => OPERATIONS[operation.op](operation, own(operation), size, reserve);
      Object.assign(this, { height: plan.height, width: plan.width, pixels: plan.height * plan.width, sizes,
        position: tensors[plan.position], ink: tensors[plan.ink], features: new Float64Array(plan.first.outputs),
        first: causalConv(plan.first, own(plan.first), size, reserve),
        layers: plan.layers.map((operations) => operations.map(prepare)), head: plan.head.map(prepare) });
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
        const names = operations.flatMap((operation) => TENSORS.map((key) => operation[key]).filter(Boolean));
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
