// Decoders and encoders: the layers of a plan (plan.py) in a runtime.
gm.engineParts.push((engine) => {
  const { LAYERS, allocVector, allocFeatureMap } = engine;
  const POINTWISE = {
    tanh: (v) => Math.tanh(v),
    sigmoid: (v) => 1 / (1 + Math.exp(-v)),
    mul: (v, factor) => v * factor,
    add: (v, term) => v + term,
    sub: (v, term) => v - term,
    clamp: (v, low, high) => Math.min(high, Math.max(low, v)),
  };

  // An activation other than the kernel's rectifier, in place; the border of a feature map stays zero.
  function activate(runtime, tensor, activation, n) {
    const f = new Float32Array(runtime.memory.buffer), length = tensor.width * tensor.step;
    for (let i = 0; i < n; i++) {
      for (let y = 0; y < tensor.height; y++) {
        const start = (tensor.start >> 2) + i * tensor.image + y * tensor.row;
        for (let k = start; k < start + length; k++) f[k] = activation(f[k]);
      }
    }
  }

  // The calls of a layer, on the first n inputs.
  function runCalls({ product }, calls, n) {
    for (const [input, taps, count, channels, weight, bias, to, places, perImage, outputs, slope] of calls) {
      product(input, taps, count, channels, weight, bias, to, places, perImage * n, outputs, slope);
    }
  }

  // A layer's weight and bias, with the normalization of its outputs folded in: one weight per output comes first, as
  // torch stores a convolution.
  function tensorsOf({ weight, bias, norm, outputs }, weights) {
    if (!weight) return {};
    const found = { weight: weights[weight], bias: bias ? weights[bias] : new Float32Array(outputs) };
    if (!norm) return found;
    const [gain, shift, mean, variance] = ['weight', 'bias', 'mean', 'variance'].map((key) => weights[norm[key]]);
    const scale = gain.map((value, o) => value / Math.sqrt(variance[o] + norm.eps));
    const size = found.weight.length / outputs;
    return {
      weight: found.weight.map((value, i) => value * scale[Math.floor(i / size)]),
      bias: found.bias.map((value, o) => (value - mean[o]) * scale[o] + shift[o]),
    };
  }

  // The layers of a plan, for up to `batch` inputs at once.
  class Network {
    constructor(runtime, plan, weights, input) {
      Object.assign(this, { runtime, plan, input });
      let tensor = input;
      this.layers = plan.layers.map((layer, i) => {
        const calls = [], { inputs } = plan.layers[i + 1] || {}, given = tensor;
        const { weight, bias } = tensorsOf(layer, weights);
        tensor = LAYERS[layer.op](runtime, calls, layer, tensor, weight, bias, inputs);
        return { layer, given, calls, pool: tensor.pool, output: tensor, activation: POINTWISE[layer.activation] };
      });
      this.output = tensor;
      this.outputOps = (plan.output || []).map(([name, ...numbers]) => (v) => POINTWISE[name](v, ...numbers));
    }

    // The one-hot vectors that a layer takes after its other inputs, if it does.
    appendCategories({ layer, given }, categories) {
      if (layer.category === undefined) return;
      const f = new Float32Array(this.runtime.memory.buffer), first = layer.inputs - this.plan.categories;
      categories.forEach((category, i) => {
        const at = (given.start >> 2) + i * given.image + first;
        f.fill(0, at, at + this.plan.categories);
        f[at + category] = layer.category;
      });
    }

    // Runs on the first inputs, as many as there are categories (any values, where the plan has none).
    run(categories) {
      const n = categories.length;
      for (const step of this.layers) {
        this.appendCategories(step, categories);
        const { calls, pool, output, activation } = step;
        if (pool) pool(n);
        runCalls(this.runtime, calls, n);
        if (activation) activate(this.runtime, output, activation, n);
      }
    }
  }

  // Latents to images.
  class Decoder extends Network {
    constructor(runtime, plan, weights, batch = 1) {
      super(runtime, plan, weights, allocVector(runtime, batch, plan.dim + plan.categories));
      this.batch = batch;
      this.size = plan.height * plan.width * plan.channels;
      this.pixels = new Uint8ClampedArray(batch * this.size);  // rounds half to even, as torch does
    }

    setInputs(rows) {
      const f = new Float32Array(this.runtime.memory.buffer), { start, image } = this.input;
      rows.forEach((row, i) => f.set(row, (start >> 2) + i * image));
    }

    // Of one image.
    get shape() {
      const { height, width, channels } = this.plan;
      return channels === 1 ? [1, height, width] : [1, height, width, channels];
    }

    // Where the last layer's output has its pixels: the distances of rows, columns and channels. A vector holds one
    // channel after the other, row by row; a feature map all channels of a pixel together.
    get strides() {
      const { plan: { height, width }, output } = this;
      return output.isMap ? [output.row, output.step, 1] : [width, 1, height * width];
    }

    // rows: up to `batch` arrays of plan.dim numbers; categories: an index for each, if the plan has categories. Returns
    // images, plan.height rows of plan.width pixels of plan.channels bytes, in an array that the next call reuses.
    decodeAll(rows, categories) {
      const { runtime, plan, pixels, output } = this, [row, column, channel] = this.strides;
      this.setInputs(rows);
      this.run(categories);
      const f = new Float32Array(runtime.memory.buffer);
      for (let n = 0, i = 0; n < rows.length; n++) {
        for (let y = 0, start = (output.start >> 2) + n * output.image; y < plan.height; y++, start += row) {
          for (let x = 0; x < plan.width; x++) {
            for (let c = 0; c < plan.channels; c++, i++) {
              let value = f[start + x * column + c * channel];
              for (const op of this.outputOps) value = op(value);
              pixels[i] = (value + 1) * 127.5;
            }
          }
        }
      }
      return pixels.subarray(0, rows.length * this.size);
    }

    // The same for one latent and category.
    decode(z, category) { return this.decodeAll([z], [category]); }

    // The log-likelihood in nats of a gray image of black and white pixels, 0 and 1, given each of `rows`. The model's
    // pixels are Bernoulli: the last layer gives their logits, of which the first output operation is the sigmoid.
    logProbs(rows, binary) {
      const { runtime, plan, output, batch } = this, found = new Float64Array(rows.length);
      const [row, step] = this.strides;
      for (let first = 0; first < rows.length; first += batch) {
        const some = rows.slice(first, first + batch);
        this.setInputs(some);
        this.run(some.map(() => 0));
        const f = new Float32Array(runtime.memory.buffer);
        for (let n = 0; n < some.length; n++) {
          let sum = 0;
          for (let y = 0, i = 0, start = (output.start >> 2) + n * output.image; y < plan.height; y++, start += row) {
            for (let x = 0; x < plan.width; x++, i++) {
              const logit = f[start + x * step], wrong = binary[i] ? -logit : logit;  // of the other color
              sum -= wrong > 0 ? wrong + Math.log1p(Math.exp(-wrong)) : Math.log1p(Math.exp(wrong));
            }
          }
          found[first + n] = sum;
        }
      }
      return found;
    }

    // Milliseconds per image, the best of a few; a single run if that one is far slower than `limit`.
    benchmark(limit) {
      const rows = new Array(this.batch).fill(new Array(this.plan.dim).fill(0.5));
      let best = Infinity;
      for (let i = 0; i < 5 && (i === 0 || best < 3 * limit); i++) {
        const start = performance.now();
        this.decodeAll(rows, rows.map(() => 0));
        best = Math.min(best, (performance.now() - start) / this.batch);
      }
      return best;
    }
  }

  // What takes an image.
  class ImageNetwork extends Network {
    constructor(runtime, plan, weights) {
      super(runtime, plan, weights, allocFeatureMap(runtime, 1, 1, plan.height, plan.width));
    }

    // pixels: gray levels, plan.height rows of plan.width.
    runOn(pixels, category) {
      const { runtime, plan, input } = this, f = new Float32Array(runtime.memory.buffer);
      for (let y = 0, i = 0; y < plan.height; y++) {
        const start = (input.start >> 2) + y * input.row;
        for (let x = 0; x < plan.width; x++, i++) f[start + x * input.step] = pixels[i] / 127.5 - 1;
      }
      this.run([category]);
    }
  }

  // Images to the means of their latents, or to what else a plan gives for each.
  class Encoder extends ImageNetwork {
    // Returns plan.dim numbers.
    encode(pixels, category) {
      const { runtime, plan, output } = this;
      this.runOn(pixels, category);
      const found = new Float32Array(runtime.memory.buffer.slice(output.start, output.start + 4 * plan.dim));
      return found.map((value) => this.outputOps.reduce((v, op) => op(v), value));
    }
  }

  // Images to feature maps.
  class FeatureMaps extends ImageNetwork {
    // Returns the features of each of plan.rows x plan.columns places, row by row, one place after the other.
    features(pixels) {
      const { runtime, plan: { rows, columns }, output: { start, row, step } } = this;
      this.runOn(pixels, 0);
      const f = new Float32Array(runtime.memory.buffer), found = new Float32Array(rows * columns * step);
      for (let y = 0; y < rows; y++) {
        const from = (start >> 2) + y * row;
        found.set(f.subarray(from, from + columns * step), y * columns * step);
      }
      return found;
    }

    // Half the squared distance of two images' features at each place.
    errors(a, b) {
      const { plan: { rows, columns }, output: { step } } = this, found = new Float32Array(rows * columns);
      for (let i = 0; i < a.length; i++) found[Math.floor(i / step)] += (a[i] - b[i]) ** 2 / 2;
      return found;
    }
  }

  // The names of all tensors that layers need, as plan_layers.py has them.
  function tensorNames(layers) {
    return layers.flatMap(({ weight, bias, norm }) => (
      [weight, bias, ...Object.values(norm || {})].filter((name) => typeof name === 'string')));
  }

  Object.assign(engine, { Network, Decoder, Encoder, FeatureMaps, tensorNames, runCalls });
});
