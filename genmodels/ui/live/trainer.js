// What one panel trains: a GAN whose loss may change at any step, or a VAE; batches of 128 points, latents of two
// numbers.
//
// Settings: { model: 'gan' or 'vae', loss: 'original', 'nonsaturating' or 'relativistic', r1, r2: whether there is a
// penalty, gamma: its weight, slower: by how much the critic's rate is below the generator's, beta1: momentum of a
// GAN's Adam, width: standard deviation of the VAE's likelihood }.
gm.engineParts.push((engine) => {
  const { Rows, Pass, Network, Critic, NARROW: W, Random, SETS, drawPoints, measure } = engine;
  const BATCH = 128, RATE = 1e-3, VAE_BETA1 = 0.9, LATENTS = 2;
  const MEASURED = 2048;  // points of which it is said how much they cover

  const SHOWN = 512, MIXTURE = 256;  // points that are drawn, and of which a VAE's density is made
  const CONTRAST = 1.5;
  const EXTENT = 3, HEAT_SIDE = 40;  // the plane goes from -3 to 3, both ways
  const LINES = 9, LINE_POINTS = 33, REACH = 2;  // a lattice of latents up to two standard deviations
  const cellAt = (i) => ((i + 0.5) / HEAT_SIDE * 2 - 1) * EXTENT;
  const PLANE = Float32Array.from({ length: 2 * HEAT_SIDE * HEAT_SIDE }, (_, i) => (
    i % 2 ? -cellAt(Math.floor(i / 2 / HEAT_SIDE)) : cellAt(i / 2 % HEAT_SIDE)));
  const LATTICE = Float32Array.from({ length: 2 * 2 * LINES * LINE_POINTS }, (_, i) => {
    const point = i >> 1, line = Math.floor(point / LINE_POINTS), isAcross = line < LINES;
    const spread = (k, count) => (k / (count - 1) * 2 - 1) * REACH;
    const along = spread(point % LINE_POINTS, LINE_POINTS), fixed = spread(line % LINES, LINES);
    return (i % 2 === 0) === isAcross ? along : fixed;
  });

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

  // The games, by the critic's outputs on a real point and on a generated one: each player's loss, and its derivatives by
  // the real one and by the generated one.
  const log2 = { loss: (real, fake) => softplus(-real) + softplus(fake), real: (real) => -sigmoid(-real),
    fake: (real, fake) => sigmoid(fake) };
  const LOSSES = {
    // Goodfellow et al. (2014), equation 1: max_D min_G log D(x) + log(1 - D(G(z))).
    original: { critic: log2,
      generator: { loss: (real, fake) => -softplus(fake), real: () => 0, fake: (real, fake) => -sigmoid(fake) } },
    // The same paper, section 3: G maximizes log D(G(z)).
    nonsaturating: { critic: log2,
      generator: { loss: (real, fake) => softplus(-fake), real: () => 0, fake: (real, fake) => -sigmoid(-fake) } },
    // Of pairs: Jolicoeur-Martineau (2018); Huang et al., R3GAN (2024).
    relativistic: {
      critic: { loss: (real, fake) => softplus(fake - real), real: (real, fake) => -sigmoid(fake - real),
        fake: (real, fake) => sigmoid(fake - real) },
      generator: { loss: (real, fake) => softplus(real - fake), real: (real, fake) => sigmoid(real - fake),
        fake: (real, fake) => -sigmoid(real - fake) } },
  };

  class Trainer {
    constructor(runtime) {
      const train = new Rows(runtime, 2 * BATCH), test = new Rows(runtime, MEASURED);
      this.nets = { generator: new Network(train, LATENTS, 2), critic: new Critic(train, 2),
        encoder: new Network(train, 2, 2 * LATENTS) };
      this.passes = Object.fromEntries(Object.entries(this.nets).map(([name, net]) => (
        [name, new Pass(train, [net.inputs, net.outputs])])));
      this.look = new Pass(test, [2, 2]);
      Object.assign(this, { tests: test, ones: train.ones });
      Object.values(this.nets).forEach((net) => net.view());
      [...Object.values(this.passes), this.look].forEach((pass) => pass.view());
    }

    // Begin anew: data: the name of a set, drawn: the points of what was drawn.
    reset(settings, data, seed, drawn) {
      Object.assign(this, { settings, step: 0, points: SETS[data](drawn) });
      const random = (name) => new Random(seed + ' ' + name);
      this.random = { data: random('data'), noise: random('noise') };
      // Each network has numbers of its own, so that runs of one seed begin alike whatever else they have.
      for (const [name, net] of Object.entries(this.nets)) {
        const numbers = random(name);
        net.reset(() => numbers.normal());
      }
      const numbers = random('test');
      this.testNoise = Float32Array.from({ length: MEASURED * LATENTS }, () => numbers.normal());
    }

    // New settings for the next step. Adam's means of gradients are emptied where its momentum changes.
    change(settings) {
      if (settings.model === this.settings.model && settings.beta1 !== this.settings.beta1) {
        Object.values(this.nets).forEach((net) => { net.mean.fill(0); });
      }
      this.settings = settings;
    }

    advance() {
      const losses = this.settings.model === 'vae' ? this.advanceVae() : this.advanceGan();
      this.step++;
      return losses;
    }

    // ---- GAN

    // Sets each row's scale to the derivatives of a player's loss; returns the loss.
    play(player) {
      const { h, scale } = this.passes.critic, outputs = h[3].values;
      const { loss, real, fake } = LOSSES[this.settings.loss][player];
      let sum = 0;
      for (let i = 0; i < W * BATCH; i += W) {
        const j = i + W * BATCH, [a, b] = [outputs[i], outputs[j]];
        sum += loss(a, b);
        scale[i] = real(a, b) / BATCH;
        scale[j] = fake(a, b) / BATCH;
      }
      return sum / BATCH;
    }

    // Gradients of the critic's loss at the batch that lies in its pass.
    criticGradients() {
      const { critic } = this.nets, pass = this.passes.critic, { r1, r2, gamma } = this.settings;
      critic.forward(pass, 0, 2 * BATCH);
      const loss = this.play('critic');
      if (r1 || r2) critic.collectPenalized(pass, 2 * BATCH, gamma / BATCH, [r1 ? 0 : BATCH, (r1 + r2) * BATCH]);
      else critic.collectPlain(pass, 2 * BATCH);
      return loss;
    }

    // Gradients of the generator's loss at the same batch, by the critic as it is now.
    generatorGradients() {
      const { critic, generator } = this.nets, pass = this.passes.critic, own = this.passes.generator;
      critic.forward(pass, 0, 2 * BATCH);
      const loss = this.play('generator');
      pass.u[3].values.set(pass.scale);
      critic.backward(pass, BATCH, BATCH);
      own.u[3].values.set(pass.u[0].values.subarray(W * BATCH, 2 * W * BATCH));
      generator.backward(own, 0, BATCH, false);
      generator.collect(own.h, own.u, this.ones, 0, BATCH);
      return loss;
    }

    // A batch by the generator, for the critic.
    generate() {
      const own = this.passes.generator;
      this.fillNoise(own.h[0].values);
      this.nets.generator.forward(own, 0, BATCH);
      this.passes.critic.h[0].values.set(own.h[3].values.subarray(0, W * BATCH), W * BATCH);
    }

    // Goodfellow et al. (2014), algorithm 1, with one step of the critic: either player has its own noise.
    advanceGan() {
      const { critic, generator } = this.nets, { slower, beta1 } = this.settings;
      drawPoints(this.points, this.random.data, this.passes.critic.h[0].values, W, BATCH);
      this.generate();
      const first = this.criticGradients();
      critic.update(RATE / slower, beta1);
      this.generate();
      const second = this.generatorGradients();
      generator.update(RATE, beta1);
      return [first, second];
    }

    fillNoise(values) {
      for (let i = 0; i < BATCH; i++) for (let k = 0; k < LATENTS; k++) values[W * i + k] = this.random.noise.normal();
    }

    // ---- VAE: Kingma & Welling (2014), with a Gaussian likelihood of fixed width

    // Gradients of |x - decode(z)|^2 / (2 width^2) + KL, a mean over the batch that lies in the encoder's pass, for
    // z = mu + noise * std. Returns both terms.
    vaeGradients(noise) {
      const { encoder, generator: decoder } = this.nets, first = this.passes.encoder, second = this.passes.generator;
      const { width } = this.settings, code = first.h[3].values, z = second.h[0].values, x = first.h[0].values;
      encoder.forward(first, 0, BATCH);
      for (let i = 0; i < W * BATCH; i += W) {
        for (let k = 0; k < LATENTS; k++) z[i + k] = code[i + k] + noise[i + k] * Math.exp(code[i + LATENTS + k] / 2);
      }
      decoder.forward(second, 0, BATCH);
      let error = 0, kl = 0;
      for (let i = 0; i < W * BATCH; i += W) {
        for (let k = 0; k < 2; k++) {
          const off = second.h[3].values[i + k] - x[i + k];
          error += off * off / (2 * width * width);
          second.u[3].values[i + k] = off / (width * width * BATCH);
        }
      }
      decoder.backward(second, 0, BATCH);
      decoder.collect(second.h, second.u, this.ones, 0, BATCH);
      for (let i = 0; i < W * BATCH; i += W) {
        for (let k = 0; k < LATENTS; k++) {
          const mu = code[i + k], logvar = code[i + LATENTS + k], variance = Math.exp(logvar);
          const by = second.u[0].values[i + k];
          kl += (mu * mu + variance - 1 - logvar) / 2;
          first.u[3].values[i + k] = by + mu / BATCH;
          first.u[3].values[i + LATENTS + k] = (
            by * noise[i + k] * Math.sqrt(variance) / 2 + (variance - 1) / (2 * BATCH));
        }
      }
      encoder.backward(first, 0, BATCH, false);
      encoder.collect(first.h, first.u, this.ones, 0, BATCH);
      return [error / BATCH, kl / BATCH];
    }

    advanceVae() {
      const noise = this.noise = this.noise || new Float32Array(W * BATCH);
      drawPoints(this.points, this.random.data, this.passes.encoder.h[0].values, W, BATCH);
      this.fillNoise(noise);
      const losses = this.vaeGradients(noise);
      this.nets.encoder.update(RATE, VAE_BETA1);
      this.nets.generator.update(RATE, VAE_BETA1);
      return losses;
    }

    // ---- What is to be seen

    // A network of the training rows at other points: values [row][4] of `count` rows, which the next call overwrites.
    evaluate(net, points, count) {
      const { look, tests } = this;
      for (let i = 0; i < count; i++) for (let k = 0; k < 2; k++) look.h[0].values[W * i + k] = points[2 * i + k];
      const trained = net.rows;
      net.rows = tests;
      net.forward(look, 0, count);
      net.rows = trained;
      return look.h[3].values;
    }

    // Of what the generator makes of fixed latents: how much it covers, and `points` of it; `lines`, what it makes of a
    // lattice of latents, line by line both ways. [x, y] each.
    show() {
      const { generator } = this.nets, made = this.evaluate(generator, this.testNoise, MEASURED);
      const found = measure(this.points, made, W, MEASURED), points = this.pick(made, SHOWN);
      const lines = this.pick(this.evaluate(generator, LATTICE, LATTICE.length / 2), LATTICE.length / 2);
      return { points, lines, ...found };
    }

    pick(rows, count) { return Float32Array.from({ length: 2 * count }, (_, i) => rows[W * (i >> 1) + (i & 1)]); }

    // Over the plane, row by row from the top, in [0, 1]: what the critic takes for real more than the rest of the plane;
    // of a VAE, its density of points in units of the largest.
    heat() { return this.settings.model === 'vae' ? this.density() : this.opinion(); }

    // In units of the outputs' own spread: with penalties they differ little, and a relativistic critic knows differences
    // alone.
    opinion() {
      const { critic } = this.nets, cells = PLANE.length / 2, outputs = this.evaluate(critic, PLANE, cells);
      let sum = 0, squares = 0;
      for (let i = 0; i < W * cells; i += W) {
        sum += outputs[i];
        squares += outputs[i] * outputs[i];
      }
      const middle = sum / cells, spread = Math.sqrt(Math.max(0, squares / cells - middle * middle)) + 1e-9;
      return Float32Array.from({ length: cells }, (_, i) => sigmoid(CONTRAST * (outputs[W * i] - middle) / spread));
    }

    // Of a mixture of Gaussians, one around what each of many latents decodes to; it is a product in x and y.
    density() {
      const made = this.evaluate(this.nets.generator, this.testNoise, MIXTURE), { width } = this.settings;
      const bump = (off) => Math.exp(-off * off / (2 * width * width));
      const axis = (k, sign) => Array.from({ length: MIXTURE }, (_, i) => (
        Float32Array.from({ length: HEAT_SIDE }, (_, at) => bump(sign * cellAt(at) - made[W * i + k]))));
      const [columns, rows] = [axis(0, 1), axis(1, -1)], heat = new Float32Array(HEAT_SIDE * HEAT_SIDE);
      for (let i = 0; i < MIXTURE; i++) {
        for (let k = 0; k < heat.length; k++) heat[k] += columns[i][k % HEAT_SIDE] * rows[i][Math.floor(k / HEAT_SIDE)];
      }
      const most = heat.reduce((a, b) => Math.max(a, b));
      return heat.map((value) => value / most);
    }
  }

  Object.assign(engine, { Trainer, BATCH, EXTENT, HEAT_SIDE, LINES, LINE_POINTS, SHOWN });
});
