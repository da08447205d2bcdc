// A recurrent network that writes sentences (caption_plan.py): nn/caption_writer.py. A few words, so plain JavaScript.
gm.engineParts.push((engine) => {
  const sigmoid = (v) => 1 / (1 + Math.exp(-v));

  // A linear layer of a vector: one row of weights per output.
  function linear(weight, bias, vector) {
    const found = Float32Array.from(bias);
    for (let o = 0, k = 0; o < found.length; o++) {
      let sum = 0;
      for (let i = 0; i < vector.length; i++, k++) sum += weight[k] * vector[i];
      found[o] += sum;
    }
    return found;
  }

  class CaptionWriter {
    constructor(plan, weights) { Object.assign(this, { plan, weights }); }

    layer(name, vector) {
      const { weight, bias } = this.plan.layers[name];
      return linear(this.weights[weight], this.weights[bias], vector);
    }

    begin(vector) {
      const { slope } = this.plan, read = this.layer('read', vector).map((v) => (v < 0 ? slope * v : v));
      return this.layer('start', read).map(Math.tanh);
    }

    // The GRU's next state: Cho et al. 2014, in torch's order of gates.
    next(state, token) {
      const { gates, embedding } = this.plan, size = state.length, [wi, wh, bi, bh] = [
        'weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name) => this.weights[gates[name]]);
      const vectors = this.weights[embedding], dim = wi.length / (3 * size);
      const given = linear(wi, bi, vectors.subarray(token * dim, (token + 1) * dim)), kept = linear(wh, bh, state);
      return state.map((before, i) => {
        const reset = sigmoid(given[i] + kept[i]), update = sigmoid(given[size + i] + kept[size + i]);
        const fresh = Math.tanh(given[2 * size + i] + reset * kept[2 * size + i]);
        return (1 - update) * fresh + update * before;
      });
    }

    // The sentence in a language on an image with the latents z, of a class.
    write(z, category, language) {
      const { classes, words, starts, length } = this.plan, oneHot = new Float32Array(classes);
      oneHot[category] = 1;
      let state = this.begin([...z, ...oneHot]), token = starts[language];
      const found = [];
      for (let i = 0; i < length; i++) {
        state = this.next(state, token);
        const logits = this.layer('out', state);
        token = logits.indexOf(Math.max(...logits));
        if (!words[token]) break;
        found.push(words[token]);
      }
      return found.join(' ').replaceAll(' ,', ',');
    }
  }

  engine.captionTensors = ({ layers, embedding, gates }) => [
    ...Object.values(layers).flatMap(({ weight, bias }) => [weight, bias]), embedding, ...Object.values(gates)];
  Object.assign(engine, { CaptionWriter });
});
