// Where the engine computes: memory, and the loop that all layers run through, in WebAssembly or the same in JavaScript.
//
// A part of the engine is a function of what the parts share, to which it adds its own. Workers get the parts as text
// (engine.js), so they use nothing that stands outside of them.
gm.engineParts = [];
gm.engineParts.push((engine) => {
  const PAGE_BYTES = 65536;  // of WebAssembly memory
  const PANEL = 8;  // output channels that the kernel computes together

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
    return (input, taps, count, channels, weights, bias, output, places, n, outputs, slope) => {
      const f = new Float32Array(memory.buffer), offsets = new Int32Array(memory.buffer, taps, count);
      const where = new Int32Array(memory.buffer, places, 2 * n), sum = new Float64Array(PANEL);
      let w0 = weights >> 2;
      for (let o = 0; o < outputs;) {
        const panel = outputs - o >= PANEL ? PANEL : 4;
        for (let i = 0; i < n; i++) {
          const from = (input >> 2) + where[2 * i], to = (output >> 2) + where[2 * i + 1] + o;
          for (let k = 0; k < panel; k++) sum[k] = f[(bias >> 2) + o + k];
          for (let t = 0, w = w0; t < count; t++) {
            for (let c = 0, at = from + offsets[t]; c < channels; c++, w += panel) {
              const value = f[at + c];
              if (value !== 0) for (let k = 0; k < panel; k++) sum[k] += value * f[w + k];
            }
          }
          for (let k = 0; k < panel; k++) f[to + k] = Math.max(sum[k], slope * sum[k]);
        }
        w0 += panel * count * channels;
        o += panel;
      }
    };
  }

  // kernels: builds of kernel.c, the best one first; none to run without WebAssembly.
  async function createRuntime(kernels) {
    const bytes = kernels.find((build) => globalThis.WebAssembly && WebAssembly.validate(build));
    if (bytes) {
      try {
        const memory = new WebAssembly.Memory({ initial: 4 });
        const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
        return { memory, product: instance.exports.product, top: 2 * PAGE_BYTES, simd: true };
      } catch (error) {
        // This page may not compile it.
      }
    }
    const memory = new ArrayMemory();
    return { memory, product: jsProduct(memory), top: 2 * PAGE_BYTES, simd: false };
  }

  // Pointer to newly reserved memory. There is no free: see engine.js for the one case where `top` is set back.
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

  Object.assign(engine, { PANEL, createRuntime, alloc, upload });
});
