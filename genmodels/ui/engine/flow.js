// The field of a model that goes from noise to images (flow_plan.py): its U-Net in a runtime.
gm.engineParts.push((engine) => {
  const { LAYERS, runCalls, allocVector, allocFeatureMap } = engine;

  // visit(first, last) for every row of the maps of n images: indices of floats, without the border of zeros.
  function eachRow(map, n, visit) {
    const length = map.width * map.step;
    for (let i = 0; i < n; i++) {
      for (let y = 0; y < map.height; y++) {
        const first = (map.start >> 2) + i * map.image + y * map.row;
        visit(first, first + length, i);
      }
    }
  }

  class UNet {
    // Computes `batch` images at once, at most.
    constructor(runtime, plan, weights, batch) {
      Object.assign(this, { runtime, plan, batch, steps: [] });
      const [embed1, embed2] = plan.embed, layer = (...of) => this.layer(weights, ...of);
      this.input = allocFeatureMap(runtime, batch, 1, plan.height, plan.width);
      this.features = allocVector(runtime, batch, embed1.inputs);
      this.embedding = layer(embed2, layer(embed1, this.features));
      const through = (blocks, h) => blocks.reduce((given, block) => this.block(weights, block, given), h);
      const skip = through(plan.down_blocks, layer(plan.stem, this.input));
      const up = layer(plan.up, through(plan.mid_blocks, layer(plan.down, skip)));
      this.add(up, skip, up);
      this.output = layer(plan.out, layer(plan.head, this.rectify(through(plan.up_blocks, up))));
    }

    memory() { return new Float32Array(this.runtime.memory.buffer); }

    layer(weights, part, input) {
      const calls = [];
      const output = LAYERS[part.op](this.runtime, calls, part, input, weights[part.weight], weights[part.bias]);
      this.steps.push((n) => runCalls(this.runtime, calls, n));
      return output;
    }

    block(weights, { conv1, film, conv2 }, h) {
      const g = this.layer(weights, conv1, this.rectify(h));
      this.modulate(g, this.layer(weights, film, this.embedding), conv1.outputs);
      return this.add(this.layer(weights, conv2, g), h);
    }

    like({ height, width, step }) { return allocFeatureMap(this.runtime, this.batch, step, height, width); }

    // A leaky rectifier, into a map of its own.
    rectify(h) {
      const out = this.like(h), shift = (out.start - h.start) >> 2, { slope } = this.plan;
      this.steps.push((n) => {
        const f = this.memory();
        eachRow(h, n, (first, last) => {
          for (let k = first; k < last; k++) f[k + shift] = f[k] > 0 ? f[k] : slope * f[k];
        });
      });
      return out;
    }

    // Scales and shifts the channels by the numbers of `film`, and rectifies, in place.
    modulate(h, film, channels) {
      const { slope } = this.plan;
      this.steps.push((n) => {
        const f = this.memory();
        eachRow(h, n, (first, last, i) => {
          const scale = (film.start >> 2) + i * film.image, shift = scale + channels;
          for (let k = first; k < last; k += h.step) {
            for (let c = 0; c < channels; c++) {
              const value = f[k + c] * (1 + f[scale + c]) + f[shift + c];
              f[k + c] = value > 0 ? value : slope * value;
            }
          }
        });
      });
    }

    // a += b.
    add(a, b) {
      const shift = (b.start - a.start) >> 2;
      this.steps.push((n) => {
        const f = this.memory();
        eachRow(a, n, (first, last) => { for (let k = first; k < last; k++) f[k] += f[k + shift]; });
      });
      return a;
    }

    // E[x_1 | x_t] of images x, one after the other, at time t. labels: of each its index, or -1 for none.
    predictEnds(x, t, labels) {
      const { plan, input, output, features } = this, { width, frequencies, variance } = plan;
      const size = plan.height * width, ends = new Float32Array(x.length);
      const all = variance * t * t + (1 - t) ** 2, keep = t * variance / all;
      const scale = (1 - t) * Math.sqrt(variance / all), angles = frequencies.map((frequency) => frequency * t);
      const given = [...angles.map(Math.cos), ...angles.map(Math.sin)];
      for (let begin = 0; begin < labels.length; begin += this.batch) {
        const n = Math.min(this.batch, labels.length - begin), f = this.memory();
        for (let i = 0; i < n; i++) {
          const at = (features.start >> 2) + i * features.image, label = labels[begin + i];
          f.fill(0, at, at + given.length + plan.labels);
          f.set(given, at);
          if (label >= 0) f[at + given.length + label] = 1;
        }
        const pixels = (map, act) => {
          let pixel = begin * size;
          eachRow(map, n, (first, last) => { for (let k = first; k < last; k += map.step) act(k, pixel++); });
        };
        pixels(input, (k, pixel) => { f[k] = x[pixel]; });
        for (const step of this.steps) step(n);
        const found = this.memory();
        pixels(output, (k, pixel) => { ends[pixel] = keep * x[pixel] + scale * found[k]; });
      }
      return ends;
    }

    // The same under guidance, within the range of pixels; every image has a label.
    guidedEnds(x, t, labels, guidance) {
      const clamp = (end) => Math.min(1, Math.max(-1, end)), none = labels.map(() => -1);
      if (guidance === 0 || guidance === 1) return this.predictEnds(x, t, guidance ? labels : none).map(clamp);
      const told = this.predictEnds(x, t, labels), untold = this.predictEnds(x, t, none);
      return told.map((end, i) => clamp(untold[i] + guidance * (end - untold[i])));
    }
  }

  Object.assign(engine, { UNet });
});
