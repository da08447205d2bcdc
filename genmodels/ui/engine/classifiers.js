// Classifiers: sums over pixels, or networks (classifier_plan.py).
gm.engineParts.push((engine) => {
  const HALF = 127.5;  // gray; what is at least as bright counts as white where pixels are black or white
  const softplus = (v) => (v > 0 ? v + Math.log1p(Math.exp(-v)) : Math.log1p(Math.exp(v)));

  // Of a model whose logits are sums over pixels: PixelWeights of capabilities.py.
  class PixelClassifier {
    constructor(plan, weights) {
      const { weight, constant, bernoulli } = plan.pixel_weights;
      Object.assign(this, { plan, weight: weights[weight], constant: weights[constant], bernoulli });
      this.size = plan.height * plan.width;
      // What a black pixel adds, and what a white one.
      this.black = Float64Array.from(this.weight, (v) => (bernoulli ? -softplus(v) : 0));
      this.white = Float64Array.from(this.weight, (v) => (bernoulli ? -softplus(-v) : v));
    }

    // What each pixel, of gray levels, adds to the logit of a class.
    evidence(pixels, k) {
      const start = k * this.size;
      return Float64Array.from(pixels, (level, i) => {
        const share = this.bernoulli ? Number(level >= HALF) : level / 255;
        return share ? share * this.white[start + i] + (1 - share) * this.black[start + i] : this.black[start + i];
      });
    }

    logits(pixels) {
      return Float64Array.from(this.constant, (constant, k) => (
        this.evidence(pixels, k).reduce((sum, value) => sum + value, constant)));
    }
  }

  class NetworkClassifier {
    constructor(runtime, plan, weights) {
      this.plan = plan;
      this.network = new engine.Encoder(runtime, plan, weights);
    }

    logits(pixels) { return Float64Array.from(this.network.encode(pixels, 0)); }
  }

  // Milliseconds per image, the best of a few; a single run if that one is far slower than `limit`.
  function benchmark(classifier, limit) {
    const pixels = new Uint8Array(classifier.plan.height * classifier.plan.width).fill(HALF);
    let best = Infinity;
    for (let i = 0; i < 5 && (i === 0 || best < 3 * limit); i++) {
      const start = performance.now();
      classifier.logits(pixels);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  }

  // Null where an image takes `maxMs` milliseconds or more.
  engine.createClassifier = (runtime, plan, weights, maxMs) => {
    const { top } = runtime;
    const found = plan.pixel_weights ? new PixelClassifier(plan, weights) : new NetworkClassifier(runtime, plan, weights);
    if (benchmark(found, maxMs) < maxMs) return found;
    runtime.top = top;
    return null;
  };
});
