// Layers over one cell of a board at a time, in reading order: a pixel of an image, or a tile with its codes. What the
// cells so far have led to is kept, so that a cell costs what its own values cost.
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

  function linear({ inputs, outputs, weight, bias }, tensors) {
    const rows = asRows(tensors[weight], outputs, inputs, 1), out = new Float64Array(outputs);
    return (memory, input) => {
      if (bias) out.set(tensors[bias]);
      else out.fill(0);
      addProduct(out, rows, 0, input, 0, inputs);
      return out;
    };
  }

  // CausalConv2d of nn/causal.py. put() gives it a pixel's inputs, get() has its outputs.
  function causalConv(operation, tensors, size, reserve) {
    const { inputs, outputs, rows, reach, dilation, sees_itself: seesItself } = operation;
    const [height, width] = size, margin = reach * dilation, stride = (width + 2 * margin) * inputs;
    const place = reserve(height * stride), out = new Float64Array(outputs), side = 2 * reach + 1;
    const above = rows && asRows(tensors[operation.above], outputs, inputs, rows * side), taps = reach + seesItself;
    const left = asRows(tensors[operation.left], outputs, inputs, taps);
    const start = (row, column) => row * stride + (column + margin) * inputs;
    return {
      put(memory, values, row, column) { memory[place].set(values, start(row, column)); },
      get(memory, row, column) {
        const seen = memory[place];
        out.set(tensors[operation.bias]);
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
  function lstm({ inputs, outputs, weight }, tensors, [height, width], reserve) {
    const n = inputs / 3, stride = (width + 2) * n, out = new Float64Array(n), gates = new Float64Array(outputs);
    const states = reserve(height * stride), cells = reserve(height * stride);
    const rows = asRows(tensors[weight], outputs, inputs, 1);
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

  // Layer normalization (Ba et al. 2016, arXiv:1607.06450).
  function norm({ inputs, weight, bias, eps }, tensors) {
    const out = new Float64Array(inputs), gain = tensors[weight], shift = tensors[bias];
    return (memory, input) => {
      let mean = 0, variance = 0;
      for (let i = 0; i < inputs; i++) mean += input[i] / inputs;
      for (let i = 0; i < inputs; i++) variance += (input[i] - mean) ** 2 / inputs;
      const scale = 1 / Math.sqrt(variance + eps);
      for (let i = 0; i < inputs; i++) out[i] = (input[i] - mean) * scale * gain[i] + shift[i];
      return out;
    };
  }

  // The error function, by its series (Abramowitz & Stegun 7.1.6); beyond 6 it is 1 in double precision.
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x, sum = x;
    for (let n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); n++) sum += term *= 2 * x * x / (2 * n + 1);
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
  const geluOf = (x) => x * (1 + erf(x * Math.SQRT1_2)) / 2;

  function gelu() {
    let out = new Float64Array(0);
    return (memory, input) => {
      if (out.length !== input.length) out = new Float64Array(input.length);
      for (let i = 0; i < out.length; i++) out[i] = geluOf(input[i]);
      return out;
    };
  }

  const OPERATIONS = { relu, gate, linear, conv, lstm, norm, gelu };
  const TENSORS = ['weight', 'bias', 'left', 'above'];

  gm.cells = {
    causalConv, gelu: geluOf, sigmoid,

    // A plan's operation, with the tensors by their names.
    prepare: (operation, tensors, size, reserve) => OPERATIONS[operation.op](operation, tensors, size, reserve),

    // The names of the tensors that an operation needs.
    tensorsOf: (operation) => TENSORS.map((key) => operation[key]).filter(Boolean),
  };
})();
