// Networks of feature maps whose layers may branch and meet again: trace_graph's plans (board_plan.py) in a runtime.
gm.engineParts.push((engine) => {
  const { LAYERS, allocFeatureMap } = engine;

  // All values of a map, its border and padding too: where these are zero, they stay so.
  function valuesOf(runtime, { start, row, step, image }) {
    return new Float32Array(runtime.memory.buffer, start - 4 * (row + step), image);
  }

  function allocLike(runtime, { channels, height, width }, more = 0) {
    const total = channels + more;
    return Object.assign(allocFeatureMap(runtime, 1, total, height, width), { channels: total });
  }

  // Each takes (runtime, step, the maps that the step takes, the tensors) and returns { output, run }.
  const pointwise = (act) => (runtime, step, [given]) => {
    const output = allocLike(runtime, given);
    return { output, run() {
      const from = valuesOf(runtime, given), to = valuesOf(runtime, output);
      for (let i = 0; i < to.length; i++) to[i] = act(from[i], step);
    } };
  };

  function add(runtime, step, [a, b]) {
    const output = allocLike(runtime, a);
    return { output, run() {
      const [f, g, to] = [a, b, output].map((map) => valuesOf(runtime, map));
      for (let i = 0; i < to.length; i++) to[i] = f[i] + g[i];
    } };
  }

  function concat(runtime, step, [a, b]) {
    const output = allocLike(runtime, a, b.channels);
    return { output, run() {
      const [f, g, to] = [a, b, output].map((map) => valuesOf(runtime, map));
      for (let i = 0, pixels = to.length / output.step; i < pixels; i++) {
        for (let c = 0; c < a.channels; c++) to[i * output.step + c] = f[i * a.step + c];
        for (let c = 0; c < b.channels; c++) to[i * output.step + a.channels + c] = g[i * b.step + c];
      }
    } };
  }

  // The nearest vectors of a codebook; `codes` are their numbers, row by row.
  function quantize(runtime, step, [given], tensors) {
    const output = allocLike(runtime, given), { channels, height, width } = given, table = tensors[step.codebook];
    const codes = new Uint8Array(height * width);
    output.codes = codes;
    return { output, run() {
      const f = new Float32Array(runtime.memory.buffer);
      for (let i = 0; i < codes.length; i++) {
        const at = (given.start >> 2) + Math.floor(i / width) * given.row + i % width * given.step;
        let least = Infinity;
        for (let k = 0; k * channels < table.length; k++) {
          let distance = 0;
          for (let c = 0; c < channels; c++) distance += (f[at + c] - table[k * channels + c]) ** 2;
          if (distance < least) [least, codes[i]] = [distance, k];
        }
        putVector(f, output, i, table, codes[i]);
      }
    } };
  }

  // A vector of a codebook into the tile of a map; code -1 is an empty tile.
  function putVector(f, { start, row, step, width, channels }, tile, table, code) {
    const at = (start >> 2) + Math.floor(tile / width) * row + tile % width * step;
    for (let c = 0; c < channels; c++) f[at + c] = code < 0 ? 0 : table[code * channels + c];
  }

  function layer(runtime, step, [given], tensors) {
    const calls = [], { product } = runtime;
    const output = LAYERS[step.op](runtime, calls, step, given, tensors[step.weight], tensors[step.bias]);
    Object.assign(output, { channels: step.outputs });
    return { output, run() { for (const call of calls) product(...call); } };
  }

  const STEPS = { add, concat, quantize, rectify: pointwise((v, { slope }) => (v > 0 ? v : slope * v)) };

  // functions: of single values, by the names of further steps.
  class Graph {
    constructor(runtime, plan, tensors, functions = {}) {
      this.runtime = runtime;
      this.inputs = plan.inputs.map(([channels, height, width]) => (
        allocLike(runtime, { channels, height, width })));
      const maps = [...this.inputs];
      this.steps = plan.steps.map((step) => {
        const make = STEPS[step.op] || (functions[step.op] ? pointwise(functions[step.op]) : layer);
        const made = make(runtime, step, step.of.map((i) => maps[i]), tensors);
        maps.push(made.output);
        return made.run;
      });
      this.outputs = plan.outputs.map((i) => maps[i]);
    }

    // Codes of a board, -1 where it is empty, into an input.
    putCodes(input, codes, table) {
      const f = new Float32Array(this.runtime.memory.buffer);
      for (let i = 0; i < codes.length; i++) putVector(f, this.inputs[input], i, table, codes[i]);
    }

    // Values row by row into the only channel of the first input.
    putImage(values) {
      const f = new Float32Array(this.runtime.memory.buffer), { start, row, step, width } = this.inputs[0];
      values.forEach((value, i) => { f[(start >> 2) + Math.floor(i / width) * row + i % width * step] = value; });
    }

    run() { for (const run of this.steps) run(); }

    // The values of an output, pixel by pixel: in each all channels.
    read(output = 0) {
      const { start, row, step, width, height, channels } = this.outputs[output];
      const f = new Float32Array(this.runtime.memory.buffer), found = new Float32Array(width * height * channels);
      for (let i = 0; i < width * height; i++) {
        const at = (start >> 2) + Math.floor(i / width) * row + i % width * step;
        for (let c = 0; c < channels; c++) found[i * channels + c] = f[at + c];
      }
      return found;
    }
  }

  // The names of the tensors that a plan needs.
  const graphTensors = ({ steps }) => steps.flatMap(({ weight, bias, codebook }) => (
    [weight, bias, codebook].filter(Boolean)));

  Object.assign(engine, { Graph, graphTensors });
});
