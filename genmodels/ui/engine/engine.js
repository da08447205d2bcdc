// Decodes latents to images in the page, from the same weights.safetensors that Python reads.
//
// gm.engine.load(name) resolves to a decoder, or to null if the page is better served by the server: there is no plan
// for the model, its weights cannot be fetched, or this machine is too slow. A decoder turns z and a category into gray
// levels synchronously.
//
// Feature maps are stored channels-last (HWC) with a border of zeros one pixel wide, so that convolutions need no bounds
// checks. The channel count is padded to a multiple of four, the width of a SIMD vector.
(() => {
  const PAGE_BYTES = 65536;  // of WebAssembly memory
  const MAX_DECODE_MS = 30;  // per image; where it takes longer, the server decodes
  const pad4 = (n) => (n + 3) & ~3;

  // ---- Runtime: memory, and the loop that all layers run through, in WebAssembly or the same in JavaScript

  // What WebAssembly.Memory offers, without WebAssembly.
  class ArrayMemory {
    constructor() { this.buffer = new ArrayBuffer(4 * PAGE_BYTES); }

    grow(pages) {
      const larger = new ArrayBuffer(this.buffer.byteLength + pages * PAGE_BYTES);
      new Uint8Array(larger).set(new Uint8Array(this.buffer));
      this.buffer = larger;
    }
  }

  // kernel.c's product() in JavaScript: see there for the arguments. Pointers count bytes, as there.
  function jsProduct(memory) {
    return (input, inRow, inStep, taps, count, channels, weights, bias, output, outRow, outStep, rows, columns, outputs,
      slope) => {
      const f = new Float32Array(memory.buffer), offsets = new Int32Array(memory.buffer, taps, count);
      const sum = new Float64Array(12);
      let w0 = weights >> 2;
      for (let o = 0; o < outputs;) {
        const panel = outputs - o >= 12 ? 12 : 4;
        for (let y = 0; y < rows; y++) {
          for (let x = 0; x < columns; x++) {
            const from = (input >> 2) + y * inRow + x * inStep, to = (output >> 2) + y * outRow + x * outStep + o;
            for (let k = 0; k < panel; k++) sum[k] = f[(bias >> 2) + o + k];
            for (let t = 0, w = w0; t < count; t++) {
              for (let c = 0, at = from + offsets[t]; c < channels; c++, w += panel) {
                const value = f[at + c];
                if (value !== 0) for (let k = 0; k < panel; k++) sum[k] += value * f[w + k];
              }
            }
            for (let k = 0; k < panel; k++) f[to + k] = Math.max(sum[k], slope * sum[k]);
          }
        }
        w0 += panel * count * channels;
        o += panel;
      }
    };
  }

  async function createRuntime(forceJs) {
    if (!forceJs) {
      try {
        const memory = new WebAssembly.Memory({ initial: 4 });
        const { instance } = await WebAssembly.instantiate(gm.decodeBase64(gm.kernelWasm), { env: { memory } });
        return { memory, product: instance.exports.product, top: 2 * PAGE_BYTES, simd: true };
      } catch (error) {
        // This browser lacks WebAssembly, or its SIMD.
      }
    }
    const memory = new ArrayMemory();
    return { memory, product: jsProduct(memory), top: 2 * PAGE_BYTES, simd: false };
  }

  // Pointer to newly reserved memory. There is no free: see create() for the one case where `top` is set back.
  function alloc(runtime, floats) {
    const pointer = runtime.top;
    runtime.top += (4 * floats + 15) & ~15;
    const missing = Math.ceil((runtime.top - runtime.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) runtime.memory.grow(missing);
    return pointer;
  }

  function upload(runtime, values) {
    const pointer = alloc(runtime, values.length);
    new values.constructor(runtime.memory.buffer, pointer, values.length).set(values);
    return pointer;
  }

  // ---- Weights

  // Weights in the order in which the kernel reads them: panels of 12 (then 4) outputs, in each tap after tap, channel
  // after channel. get(output, tap, channel); the outputs that pad the last panel are zero.
  function packWeights(runtime, outputs, taps, channels, get) {
    const packed = new Float32Array(pad4(outputs) * taps * channels);
    for (let o = 0, at = 0; o < pad4(outputs);) {
      const panel = pad4(outputs) - o >= 12 ? 12 : 4;
      for (let t = 0; t < taps; t++) {
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < panel; k++, at++) if (o + k < outputs) packed[at] = get(o + k, t, c);
        }
      }
      o += panel;
    }
    return upload(runtime, packed);
  }

  // Biases padded like the outputs; index(output) is its place in `bias`.
  function packBias(runtime, bias, outputs, index = (o) => o) {
    const padded = new Float32Array(pad4(outputs));
    for (let o = 0; o < outputs; o++) padded[o] = bias[index(o)];
    return upload(runtime, padded);
  }

  // ---- Tensors and layers: each layer appends its kernel calls to `calls` and returns its output tensor

  // A tensor: `start` points at its first value, rows and pixels are `row` and `step` floats apart.
  function allocVector(runtime, length) {
    const step = pad4(length);
    return { isMap: false, height: 1, width: 1, step, row: step, start: alloc(runtime, step) };
  }

  function allocFeatureMap(runtime, channels, height, width) {
    const step = pad4(channels), row = step * (width + 2), length = row * (height + 2);
    const pointer = alloc(runtime, length);
    new Float32Array(runtime.memory.buffer, pointer, length).fill(0);
    return { isMap: true, height, width, step, row, start: pointer + 4 * (row + step) };
  }

  function linear(runtime, calls, layer, input, weight, bias) {
    const { inputs, outputs, slope } = layer, noOffset = upload(runtime, new Int32Array([0]));
    if (!layer.height) {
      const output = allocVector(runtime, outputs);
      calls.push([input.start, 0, 0, noOffset, 1, inputs,
        packWeights(runtime, outputs, 1, inputs, (o, t, c) => weight[o * inputs + c]), packBias(runtime, bias, outputs),
        output.start, 0, 0, 1, 1, pad4(outputs), slope]);
      return output;
    }
    // The output is reshaped to a feature map, which torch counts channel by channel: one small layer for each pixel.
    const { channels, height, width } = layer, pixels = height * width;
    const output = allocFeatureMap(runtime, channels, height, width);
    for (let p = 0; p < pixels; p++) {
      const index = (o) => o * pixels + p;
      calls.push([input.start, 0, 0, noOffset, 1, inputs,
        packWeights(runtime, channels, 1, inputs, (o, t, c) => weight[index(o) * inputs + c]),
        packBias(runtime, bias, channels, index),
        output.start + 4 * (Math.floor(p / width) * output.row + (p % width) * output.step), 0, 0, 1, 1, pad4(channels),
        slope]);
    }
    return output;
  }

  // 3x3, stride 1, padding 1.
  function conv(runtime, calls, layer, input, weight, bias) {
    const { inputs, outputs, slope } = layer, { height, width } = input, taps = [];
    const output = allocFeatureMap(runtime, outputs, height, width);
    for (let ky = -1; ky <= 1; ky++) for (let kx = -1; kx <= 1; kx++) taps.push(ky * input.row + kx * input.step);
    calls.push([input.start, input.row, input.step, upload(runtime, new Int32Array(taps)), 9, inputs,
      packWeights(runtime, outputs, 9, inputs, (o, t, c) => weight[(o * inputs + c) * 9 + t]),
      packBias(runtime, bias, outputs), output.start, output.row, output.step, height, width, pad4(outputs), slope]);
    return output;
  }

  // 4x4, stride 2, padding 1. A transposed convolution is four 2x2 convolutions, one per position in a 2x2 block of
  // output pixels: for an even row, kernel row 1 meets the input row of the same number and 3 the one before; for an odd
  // row, 2 the same and 0 the one after. (Dumoulin & Visin 2016, arXiv:1603.07285, section 4.)
  const PHASE_TAPS = [[[1, 0], [3, -1]], [[2, 0], [0, 1]]];  // [kernel index, input offset] for even and odd

  function convTranspose(runtime, calls, layer, input, weight, bias) {
    const { inputs, outputs, slope } = layer, { height, width } = input;
    const output = allocFeatureMap(runtime, outputs, 2 * height, 2 * width);
    const sharedBias = packBias(runtime, bias, outputs);
    for (let py = 0; py < 2; py++) {
      for (let px = 0; px < 2; px++) {
        const taps = PHASE_TAPS[py].flatMap(([ky, dy]) => PHASE_TAPS[px].map(([kx, dx]) => ({ k: 4 * ky + kx, dy, dx })));
        const offsets = new Int32Array(taps.map(({ dy, dx }) => dy * input.row + dx * input.step));
        calls.push([input.start, input.row, input.step, upload(runtime, offsets), 4, inputs,
          packWeights(runtime, outputs, 4, inputs, (o, t, c) => weight[(c * outputs + o) * 16 + taps[t].k]), sharedBias,
          output.start + 4 * (py * output.row + px * output.step), 2 * output.row, 2 * output.step, height, width,
          pad4(outputs), slope]);
      }
    }
    return output;
  }

  const LAYERS = { linear, conv, conv_transpose: convTranspose };
  const POINTWISE = {
    tanh: (v) => Math.tanh(v),
    sigmoid: (v) => 1 / (1 + Math.exp(-v)),
    mul: (v, factor) => v * factor,
    add: (v, term) => v + term,
    sub: (v, term) => v - term,
    clamp: (v, low, high) => Math.min(high, Math.max(low, v)),
  };

  // An activation other than the kernel's rectifier, in place; the border of a feature map stays zero.
  function activate(runtime, tensor, activation) {
    const f = new Float32Array(runtime.memory.buffer), length = tensor.width * tensor.step;
    for (let y = 0; y < tensor.height; y++) {
      const start = (tensor.start >> 2) + y * tensor.row;
      for (let i = start; i < start + length; i++) f[i] = activation(f[i]);
    }
  }

  // ---- A decoder

  class Decoder {
    constructor(runtime, plan, weights) {
      this.runtime = runtime;
      this.plan = plan;
      this.input = allocVector(runtime, plan.dim + plan.categories);
      this.layers = [];
      let tensor = this.input;
      for (const layer of plan.layers) {
        const calls = [], build = LAYERS[layer.op];
        tensor = build(runtime, calls, layer, tensor, weights[layer.weight], weights[layer.bias]);
        this.layers.push({ calls, output: tensor, activation: POINTWISE[layer.activation] });
      }
      this.output = tensor;
      this.outputOps = plan.output.map(([name, ...numbers]) => (v) => POINTWISE[name](v, ...numbers));
      this.pixels = new Uint8ClampedArray(plan.height * plan.width);  // rounds half to even, as torch does
    }

    // z: plan.dim numbers; category: an index, if the plan has categories. Returns gray levels, plan.height rows of
    // plan.width, in an array that the next call reuses.
    decode(z, category) {
      const { runtime, plan, pixels, output } = this;
      const input = new Float32Array(runtime.memory.buffer, this.input.start, plan.dim + plan.categories);
      input.fill(0);
      input.set(z);
      if (plan.categories) input[plan.dim + category] = plan.scale;
      for (const layer of this.layers) {
        for (const call of layer.calls) runtime.product(...call);
        if (layer.activation) activate(runtime, layer.output, layer.activation);
      }
      const f = new Float32Array(runtime.memory.buffer), start = output.start >> 2;
      // A vector holds the pixels row by row, a feature map has one channel.
      const [row, step] = output.isMap ? [output.row, output.step] : [plan.width, 1];
      for (let y = 0, i = 0; y < plan.height; y++) {
        for (let x = 0; x < plan.width; x++, i++) {
          let value = f[start + y * row + x * step];
          for (const op of this.outputOps) value = op(value);
          pixels[i] = (value + 1) * 127.5;
        }
      }
      return pixels;
    }

    // Milliseconds per image, the best of a few; a single run if that one is far too slow.
    benchmark() {
      const z = new Array(this.plan.dim).fill(0.5);
      let best = Infinity;
      for (let i = 0; i < 5 && (i === 0 || best < 3 * MAX_DECODE_MS); i++) {
        const start = performance.now();
        this.decode(z, 0);
        best = Math.min(best, performance.now() - start);
      }
      return best;
    }
  }

  const runtimes = {}, decoders = {};

  // forceJs: do not use WebAssembly. maxMs: milliseconds per image from which there is no decoder.
  async function create(name, forceJs = false, maxMs = MAX_DECODE_MS) {
    const plan = await gm.fetchJson('plan/' + encodeURIComponent(name));
    if (!plan.layers) return null;
    const names = plan.layers.flatMap((layer) => [layer.weight, layer.bias]);
    const weights = await gm.fetchTensors(gm.root + plan.weights, names);
    runtimes[forceJs] = runtimes[forceJs] || createRuntime(forceJs);
    const runtime = await runtimes[forceJs], top = runtime.top;
    const decoder = new Decoder(runtime, plan, weights);
    if (decoder.benchmark() < maxMs) return decoder;
    runtime.top = top;  // safe: nothing since then has awaited, so no other decoder was allocated in between
    return null;
  }

  gm.engine = {
    create,
    // A model's decoder, created once; null if the server is to decode.
    load(name) {
      decoders[name] = decoders[name] || create(name).catch((error) => {
        console.info('decoded by the server: ' + name + ' (' + error.message + ')');
        delete decoders[name];
        return null;
      });
      return decoders[name];
    },
  };
})();
