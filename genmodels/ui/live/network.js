// Networks of three layers that learn: inputs -> 64 -> 64 -> outputs, leaky ReLU between them. All products of matrices
// run through kernel.c's loop, in plain single precision, so that a seed gives the same run in every browser.
//
// Values of units lie panel by panel of 8 units: [panel][row][8]; those of at most 4 inputs or outputs row by row:
// [row][4]. Weights and their gradients lie as the kernel takes weights: [panel of outputs][input][8], or
// [input][4].
gm.engineParts.push((engine) => {
  const { alloc } = engine;
  const HIDDEN = 64, PANEL = 8, NARROW = 4, LEAK = 0.2, SLOPES = Float64Array.of(1, LEAK);
  const BETA2 = 0.99, EPSILON = 1e-8;

  const widthOf = (units) => (units > NARROW ? PANEL : NARROW);
  const panelsOf = (units) => (units > NARROW ? units / PANEL : 1);
  const floats = (runtime, pointer, length) => new Float32Array(runtime.memory.buffer, pointer, length);

  function allocIndices(runtime, values) {
    const pointer = alloc(runtime, values.length);
    new Int32Array(runtime.memory.buffer, pointer, values.length).set(values);
    return pointer;
  }

  // Where the kernel finds the values of up to `capacity` rows; shared by all networks of a runtime.
  class Rows {
    constructor(runtime, capacity) {
      Object.assign(this, { runtime, capacity });
      const rows = Array.from({ length: capacity }, (_, row) => row);
      const places = (from, to) => allocIndices(runtime, rows.flatMap((row) => [row * from, row * to]));
      // Reading rows of one width and writing rows of another.
      this.places = { 4: { 8: places(4, 8) }, 8: { 4: places(8, 4), 8: places(8, 8) } };
      // One tap a row, or a tap for each panel of a row.
      const steps = (width) => allocIndices(runtime, rows.map((row) => width * row));
      this.steps = { 4: steps(4), 8: steps(8) };
      this.panels = allocIndices(runtime, Array.from({ length: HIDDEN / PANEL }, (_, k) => k * PANEL * capacity));
      // One unit after the other, written as rows of a weight's gradient.
      const unit = (i) => Math.floor(i / PANEL) * PANEL * capacity + i % PANEL;
      const units = (width) => (
        allocIndices(runtime, Array.from({ length: HIDDEN }, (_, i) => [unit(i), i * width]).flat()));
      this.units = { 4: units(4), 8: units(8) };
      this.zeros = alloc(runtime, HIDDEN);
      this.ones = alloc(runtime, NARROW * capacity);
      floats(runtime, this.ones, NARROW * capacity).fill(1);
    }

    // out = values * weights + bias, for rows from `from` on; `fan`: how many units go in, and how many come out.
    multiply(values, weights, bias, out, [inputs, outputs], from, count, slope = 1) {
      const { runtime, capacity, panels, steps } = this, read = widthOf(inputs), write = widthOf(outputs);
      const places = this.places[read][write] + 8 * from;
      const [taps, tapCount, channels] = inputs > NARROW ? [panels, inputs / PANEL, PANEL] : [steps[4], 1, inputs];
      for (let panel = 0; panel < panelsOf(outputs); panel++) {
        const unit = 4 * panel * PANEL;  // where the panel begins, in bytes of one row
        runtime.product(values, taps, tapCount, channels, weights + unit * inputs, bias + unit, out + unit * capacity,
          places, count, write, slope);
      }
    }

    // gradient = sum over rows of values (of `inputs` units) times derivatives (of `outputs` units), as a weight lies.
    correlate(values, derivatives, gradient, [inputs, outputs], from, count) {
      const { runtime, capacity, steps, units, zeros } = this, read = widthOf(inputs), write = widthOf(outputs);
      for (let panel = 0; panel < panelsOf(outputs); panel++) {
        const unit = 4 * panel * PANEL;
        runtime.product(values, steps[read] + 4 * from, count, 1, derivatives + unit * capacity + 4 * from * write, zeros,
          gradient + unit * inputs, units[write], inputs, write, 1);
      }
    }
  }

  function turnOver(to, from, places, start) {
    for (let k = 0; k < places.length; k++) if (places[k] >= 0) to[k] = from[start + places[k]];
  }

  // to = factor * from, between two places; returns the sum of squares of what was there.
  function scaleInto(to, from, factor, start, end) {
    let sum = 0;
    for (let k = start; k < end; k++) {
      sum += from[k] * from[k];
      to[k] = factor * from[k];
    }
    return sum;
  }

  // values *= the slope of each unit, by the sign bits of the units' values: the processor could not guess a branch.
  function bendRange(values, signs, start, end) {
    for (let k = start; k < end; k++) values[k] *= SLOPES[signs[k] >>> 31];
  }

  // sums += scale of each row * values.
  function addScaled(sums, values, scale, width, count) {
    const stride = width * scale.length / NARROW;
    for (let panel = 0; panel < sums.length; panel += stride) {
      for (let row = 0, k = panel; row < count; row++) {
        const times = scale[NARROW * row];
        for (const end = k + width; k < end; k++) sums[k] += times * values[k];
      }
    }
  }

  // Buffers for the rows of one pass through a network: values h, derivatives u, and what is pushed up for penalties.
  class Pass {
    constructor(rows, [inputs, outputs]) {
      this.rows = rows;
      const make = (units) => {
        const length = rows.capacity * widthOf(units) * panelsOf(units);
        return { pointer: alloc(rows.runtime, length), length };
      };
      const sizes = [inputs, HIDDEN, HIDDEN, outputs];
      Object.assign(this, { h: sizes.map(make), u: sizes.map(make), q: sizes.slice(0, 3).map(make) });
      this.scaleAt = alloc(rows.runtime, NARROW * rows.capacity);  // derivative of the loss by each row's one output
    }

    // The float arrays, once all memory has been reserved.
    view() {
      for (const list of [this.h, this.u, this.q]) {
        for (const one of list) one.values = floats(this.rows.runtime, one.pointer, one.length);
      }
      for (const one of this.h) one.signs = new Int32Array(one.values.buffer, one.pointer, one.length);
      this.scale = floats(this.rows.runtime, this.scaleAt, NARROW * this.rows.capacity);
      return this;
    }
  }

  class Network {
    constructor(rows, inputs, outputs) {
      const { runtime } = rows;
      Object.assign(this, { rows, inputs, outputs, steps: 0 });
      this.fans = [[inputs, HIDDEN], [HIDDEN, HIDDEN], [HIDDEN, outputs]];
      let length = 0;
      this.layers = this.fans.map(([fanIn, fanOut]) => {
        const weight = length, bias = weight + fanIn * widthOf(fanOut) * panelsOf(fanOut);
        length = bias + Math.max(PANEL, fanOut);
        return { weight, bias };
      });
      this.length = length;
      [this.at, this.gradientAt] = [alloc(runtime, length), alloc(runtime, length)];
      // Each weight once more, with inputs and outputs exchanged: for the way back.
      this.backAt = this.fans.map(([fanIn, fanOut]) => alloc(runtime, fanOut * widthOf(fanIn) * panelsOf(fanIn)));
      this.mean = new Float32Array(length);
      this.square = new Float32Array(length);
    }

    view() {
      const { runtime } = this.rows;
      this.values = floats(runtime, this.at, this.length);
      this.gradient = floats(runtime, this.gradientAt, this.length);
      this.back = this.fans.map(([fanIn, fanOut], l) => {
        const length = fanOut * widthOf(fanIn) * panelsOf(fanIn), from = new Int32Array(length).fill(-1);
        for (let i = 0; i < fanIn; i++) {
          for (let o = 0; o < fanOut; o++) from[this.place([fanOut, fanIn], o, i)] = this.place([fanIn, fanOut], i, o);
        }
        return { values: floats(runtime, this.backAt[l], length), from };
      });
      return this;
    }

    // Where the weight from input i to output o lies.
    place([fanIn, fanOut], i, o) {
      const width = widthOf(fanOut);
      return Math.floor(o / width) * fanIn * width + i * width + o % width;
    }

    // Weights by He et al. (2015), biases 0, nothing moved yet.
    reset(normal) {
      for (const list of [this.values, this.gradient, this.mean, this.square]) list.fill(0);
      this.steps = 0;
      this.fans.forEach(([fanIn, fanOut], l) => {
        for (let o = 0; o < fanOut; o++) {
          for (let i = 0; i < fanIn; i++) {
            this.values[this.layers[l].weight + this.place([fanIn, fanOut], i, o)] = Math.sqrt(2 / fanIn) * normal();
          }
        }
      });
      this.turn();
    }

    turn() {
      this.back.forEach(({ values, from }, l) => turnOver(values, this.values, from, this.layers[l].weight));
    }

    forward({ h }, from, count) {
      this.fans.forEach((fan, l) => {
        const { weight, bias } = this.layers[l];
        this.rows.multiply(h[l].pointer, this.at + 4 * weight, this.at + 4 * bias, h[l + 1].pointer, fan, from, count,
          l < 2 ? LEAK : 1);
      });
    }

    // Derivatives by the sums of all units, and by the inputs, from those by the outputs, u[3].
    backward({ h, u }, from, count, toInputs = true) {
      for (let l = 2; l >= (toInputs ? 0 : 1); l--) {
        const [fanIn, fanOut] = this.fans[l];
        const { rows } = this;
        rows.multiply(u[l + 1].pointer, this.backAt[l], rows.zeros, u[l].pointer, [fanOut, fanIn], from, count);
        if (l) this.bend(u[l].values, h[l].signs, from, count);
      }
    }

    // Times the slope that each unit has.
    bend(values, signs, from, count) {
      const stride = PANEL * this.rows.capacity;
      for (let k = PANEL * from; k < values.length; k += stride) bendRange(values, signs, k, k + PANEL * count);
    }

    // Gradients by all weights, after backward(): sums over rows of h u^T and, for the biases, of `scale` times u.
    collect(h, u, scale, from, count) {
      const { rows, gradientAt } = this;
      this.fans.forEach((fan, l) => {
        const { weight, bias } = this.layers[l];
        rows.correlate(h[l].pointer, u[l + 1].pointer, gradientAt + 4 * weight, fan, from, count);
        rows.correlate(scale, u[l + 1].pointer, gradientAt + 4 * bias, [1, fan[1]], from, count);
      });
    }

    // Adam (Kingma & Ba 2015).
    update(rate, beta1) {
      const { values, gradient, mean, square } = this, step = ++this.steps;
      const grown = Math.sqrt(1 - BETA2 ** step), most = rate * grown / (1 - beta1 ** step), least = EPSILON * grown;
      for (let i = 0, { length } = values; i < length; i++) {
        const g = gradient[i], m = mean[i] = beta1 * mean[i] + (1 - beta1) * g;
        const v = square[i] = BETA2 * square[i] + (1 - BETA2) * g * g;
        values[i] -= most * m / (Math.sqrt(v) + least);
      }
      this.turn();
    }
  }

  // A network of one output, whose loss may also hold the squared norm of its gradient by the inputs. With units that
  // are linear on both sides of zero, the output is u . (W x) around each point: its derivatives u by the units' sums, of
  // one for the output, do not change with the inputs, and the gradient is g = W0^T u1. So the penalty's gradient needs
  // no second backward pass: q0 = gamma g, pushed up through the same layers without their biases, and then
  // dW_l = u_(l+1) (s h_l + q_l)^T, where s is the derivative of the loss by the output.
  class Critic extends Network {
    constructor(rows, inputs) { super(rows, inputs, 1); }

    // Gradients by all weights of sum(scale * output) + gamma / 2 * sum over `penalized` rows of |gradient|^2.
    // penalized: [from, count] or null. Returns the mean of |gradient|^2.
    collectPenalized(pass, count, gamma, [first, length]) {
      const { h, u, q, scale } = pass, { rows } = this;
      for (let row = 0, ones = u[3].values; row < count; row++) ones[NARROW * row] = 1;
      this.backward(pass, 0, count);
      q[0].values.fill(0);
      const norm = scaleInto(q[0].values, u[0].values, gamma, NARROW * first, NARROW * (first + length));
      for (let l = 1; l <= 2; l++) {
        q[l].values.fill(0);
        rows.multiply(q[l - 1].pointer, this.at + 4 * this.layers[l - 1].weight, rows.zeros, q[l].pointer,
          this.fans[l - 1], first, length);
        this.bend(q[l].values, h[l].signs, first, length);
      }
      this.fans.forEach(([units], l) => addScaled(q[l].values, h[l].values, scale, widthOf(units), count));
      this.collect(q, u, pass.scaleAt, 0, count);
      return norm / length;
    }

    // Gradients of sum(scale * output).
    collectPlain(pass, count) {
      pass.u[3].values.set(pass.scale);
      this.backward(pass, 0, count, false);
      this.collect(pass.h, pass.u, this.rows.ones, 0, count);
    }
  }

  Object.assign(engine, { Rows, Pass, Network, Critic, NARROW });
});
