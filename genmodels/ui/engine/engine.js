// Draws a model's pictures in the page, from the same weights.safetensors that Python reads.
//
// gm.engine.load(name) gives a decoder, or null where this page is better served by the server: no plan for the model,
// weights that cannot be had, a machine too slow. A decoder turns z and a category into 28 x 28 grey levels, at once.
//
// Maps lie place by place with their channels side by side, in a border of zeros one place wide, so that a convolution
// never asks where the picture ends. Channels are counted up to a multiple of four, the width of a vector.
(() => {
  const PAGE = 65536, FIRST_BYTES = 16384, SLOW = 30;  // milliseconds a picture from which the server is the better way
  const pad4 = (n) => (n + 3) & ~3;

  // ---- Memory and the loop that all layers run through: in WebAssembly, or the same in JavaScript

  class Plain {
    constructor() { this.buffer = new ArrayBuffer(4 * PAGE); }

    grow(pages) {
      const larger = new ArrayBuffer(this.buffer.byteLength + pages * PAGE);
      new Uint8Array(larger).set(new Uint8Array(this.buffer));
      this.buffer = larger;
    }
  }

  // kernel.c's product() in JavaScript: see there for the arguments. Pointers count bytes, as there.
  function plainProduct(memory) {
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

  async function makeMachine(plain) {
    if (!plain) {
      try {
        const memory = new WebAssembly.Memory({ initial: 4 });
        const made = await WebAssembly.instantiate(gm.bytes(gm.kernel), { env: { memory } });
        return { memory, product: made.instance.exports.product, top: 2 * PAGE, vectors: true };
      } catch (error) {
        // No WebAssembly, or none with vectors.
      }
    }
    const memory = new Plain();
    return { memory, product: plainProduct(memory), top: 2 * PAGE, vectors: false };
  }

  function room(machine, floats) {
    const start = machine.top;
    machine.top += (4 * floats + 15) & ~15;
    const missing = Math.ceil((machine.top - machine.memory.buffer.byteLength) / PAGE);
    if (missing > 0) machine.memory.grow(missing);
    return start;
  }

  function put(machine, values) {
    const start = room(machine, values.length);
    new values.constructor(machine.memory.buffer, start, values.length).set(values);
    return start;
  }

  // ---- The weights

  // The tensors called `names` of a safetensors file, float32: its header first, then the one stretch that holds them.
  async function tensors(url, names) {
    const part = async (from, to) => {
      const response = await fetch(url, { headers: { Range: 'bytes=' + from + '-' + (to - 1) } });
      if (!response.ok) throw new Error('weights: ' + response.status);
      const bytes = await response.arrayBuffer();
      return response.status === 206 ? bytes : bytes.slice(from, to);
    };
    let head = await part(0, FIRST_BYTES);
    const length = Number(new DataView(head).getBigUint64(0, true)), data = 8 + length;
    if (data > head.byteLength) head = await part(0, data);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(head, 8, length)));
    const wanted = names.map((name) => header[name]);
    if (wanted.some((entry) => !entry || entry.dtype !== 'F32')) throw new Error('weights: not float32');
    const from = Math.min(...wanted.map((e) => e.data_offsets[0])), to = Math.max(...wanted.map((e) => e.data_offsets[1]));
    const bytes = await part(data + from, data + to);
    return Object.fromEntries(names.map((name, i) => {
      const [start, end] = wanted[i].data_offsets;
      return [name, new Float32Array(bytes, start - from, (end - start) / 4)];
    }));
  }

  // Weights in the order in which the loop reads them: panels of 12 (then 4) outputs, in each tap after tap, channel
  // after channel. get(output, tap, channel); outputs past the last are zero.
  function panels(machine, outputs, taps, channels, get) {
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
    return put(machine, packed);
  }

  function biases(machine, bias, outputs, place) {
    const padded = new Float32Array(pad4(outputs));
    for (let o = 0; o < outputs; o++) padded[o] = bias[place(o)];
    return put(machine, padded);
  }

  // ---- Layers: each adds calls of the loop to `calls` and returns where its output lies

  const same = (o) => o;

  function newMap(machine, channels, side) {
    const step = pad4(channels), row = step * (side + 2), start = room(machine, row * (side + 2));
    new Float32Array(machine.memory.buffer, start, row * (side + 2)).fill(0);
    return { side, step, row, inside: start + 4 * (row + step) };
  }

  function linear(machine, calls, layer, from, weight, bias) {
    const { inputs, outputs, slope } = layer, zero = put(machine, new Int32Array([0]));
    if (!layer.side) {
      const to = room(machine, pad4(outputs));
      calls.push([from, 0, 0, zero, 1, inputs, panels(machine, outputs, 1, inputs, (o, t, c) => weight[o * inputs + c]),
        biases(machine, bias, outputs, same), to, 0, 0, 1, 1, pad4(outputs), slope]);
      return to;
    }
    // Its outputs are a map, channel by channel as torch counts; here one small layer for each place of it.
    const { channels, side } = layer, places = side * side, map = newMap(machine, channels, side);
    for (let p = 0; p < places; p++) {
      const row = (o) => o * places + p;
      calls.push([from, 0, 0, zero, 1, inputs,
        panels(machine, channels, 1, inputs, (o, t, c) => weight[row(o) * inputs + c]), biases(machine, bias, channels, row),
        map.inside + 4 * (Math.floor(p / side) * map.row + (p % side) * map.step), 0, 0, 1, 1, pad4(channels), slope]);
    }
    return map;
  }

  function conv(machine, calls, layer, from, weight, bias) {
    const { inputs, outputs, slope } = layer, to = newMap(machine, outputs, from.side), taps = [];
    for (let ky = -1; ky <= 1; ky++) for (let kx = -1; kx <= 1; kx++) taps.push(ky * from.row + kx * from.step);
    calls.push([from.inside, from.row, from.step, put(machine, new Int32Array(taps)), 9, inputs,
      panels(machine, outputs, 9, inputs, (o, t, c) => weight[(o * inputs + c) * 9 + t]),
      biases(machine, bias, outputs, same), to.inside, to.row, to.step, from.side, from.side, pad4(outputs), slope]);
    return to;
  }

  // A transposed convolution, 4x4 with stride 2, is four convolutions of 2x2, one for each place of an output square:
  // of an even row, kernel row 1 meets the input row of the same number and 3 the one before; of an odd row, 2 the same
  // and 0 the one after. (Dumoulin & Visin 2016, arXiv:1603.07285, section 4.)
  function up(machine, calls, layer, from, weight, bias) {
    const { inputs, outputs, slope } = layer, to = newMap(machine, outputs, 2 * from.side);
    const reach = [[[1, 0], [3, -1]], [[2, 0], [0, 1]]], shared = biases(machine, bias, outputs, same);
    for (let py = 0; py < 2; py++) {
      for (let px = 0; px < 2; px++) {
        const taps = reach[py].flatMap(([ky, dy]) => reach[px].map(([kx, dx]) => ({ k: 4 * ky + kx, dy, dx })));
        calls.push([from.inside, from.row, from.step,
          put(machine, new Int32Array(taps.map(({ dy, dx }) => dy * from.row + dx * from.step))), 4, inputs,
          panels(machine, outputs, 4, inputs, (o, t, c) => weight[(c * outputs + o) * 16 + taps[t].k]), shared,
          to.inside + 4 * (py * to.row + px * to.step), 2 * to.row, 2 * to.step, from.side, from.side, pad4(outputs),
          slope]);
      }
    }
    return to;
  }

  const LAYERS = { linear, conv, up };
  const PIXELS = {
    tanh: (v) => Math.tanh(v),
    sigmoid: (v) => 1 / (1 + Math.exp(-v)),
    mul: (v, by) => v * by,
    add: (v, by) => v + by,
    sub: (v, by) => v - by,
    clamp: (v, low, high) => Math.min(high, Math.max(low, v)),
  };

  // ---- A decoder

  class Decoder {
    constructor(machine, plan, weights) {
      this.machine = machine;
      this.plan = plan;
      this.calls = [];
      this.input = room(machine, plan.dim + plan.categories);
      let at = this.input;
      for (const layer of plan.layers) {
        at = LAYERS[layer.op](machine, this.calls, layer, at, weights[layer.weight], weights[layer.bias]);
      }
      this.last = at;
      this.finish = plan.output.map(([name, ...numbers]) => (v) => PIXELS[name](v, ...numbers));
      this.pixels = new Uint8ClampedArray(plan.side * plan.side);  // rounds halves to even, as torch does
    }

    // z: plan.dim numbers; category: where the plan has any -> grey levels, in an array that the next call reuses.
    decode(z, category) {
      const { machine, plan, pixels, last } = this, memory = machine.memory;
      const input = new Float32Array(memory.buffer, this.input, plan.dim + plan.categories);
      input.fill(0);
      input.set(z);
      if (plan.categories) input[plan.dim + category] = plan.scale;
      for (const call of this.calls) machine.product(...call);
      const f = new Float32Array(memory.buffer), side = plan.side, map = typeof last === 'object';
      for (let i = 0; i < pixels.length; i++) {
        let value = map ? f[(last.inside >> 2) + Math.floor(i / side) * last.row + (i % side) * last.step]
          : f[(last >> 2) + i];
        for (const step of this.finish) value = step(value);
        pixels[i] = (value + 1) * 127.5;
      }
      return pixels;
    }

    // Milliseconds a picture, the quickest of a few; of one, where that is far from quick.
    time() {
      const z = new Array(this.plan.dim).fill(0.5);
      let best = Infinity;
      for (let i = 0; i < 5 && (i === 0 || best < 3 * SLOW); i++) {
        const began = performance.now();
        this.decode(z, 0);
        best = Math.min(best, performance.now() - began);
      }
      return best;
    }
  }

  const machines = {}, decoders = {};

  // plain: in JavaScript even where WebAssembly would do. slow: milliseconds a picture from which there is no decoder.
  async function make(name, plain = false, slow = SLOW) {
    const plan = await gm.get('plan/' + encodeURIComponent(name));
    if (!plan.layers) return null;
    const names = plan.layers.flatMap((layer) => [layer.weight, layer.bias]);
    const weights = await tensors(gm.root + plan.weights, names);
    machines[plain] = machines[plain] || makeMachine(plain);
    const machine = await machines[plain], top = machine.top;
    const decoder = new Decoder(machine, plan, weights);
    if (decoder.time() < slow) return decoder;
    machine.top = top;  // nothing else was put there: from here to there nobody waited
    return null;
  }

  gm.engine = {
    make,
    // The decoder of a model, made once; null where the server is to draw.
    load(name) {
      decoders[name] = decoders[name] || make(name).catch((error) => {
        console.info('drawn by the server: ' + name + ' (' + error.message + ')');
        delete decoders[name];
        return null;
      });
      return decoders[name];
    },
  };
})();
