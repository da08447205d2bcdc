// Four Gaussians by maximum likelihood and by the ELBO: evaluation/factorized.py in JavaScript, where it is explained.
// No component by itself: mixture_posterior.js calls this. Centers are [[x, y], ...] of z = 00, 01, 10, 11.
const NODES = [-4.512745863399783, -3.20542900285647, -2.07684797867783, -1.0232556637891326, 0, 1.0232556637891326,
  2.07684797867783, 3.20542900285647, 4.512745863399783];  // of Gauss-Hermite quadrature, and their weights
const WEIGHTS = [2.2345844007746584e-5, 0.0027891413212317692, 0.04991640676521788, 0.24409750289493913,
  0.40634920634920635, 0.24409750289493913, 0.04991640676521788, 0.0027891413212317692, 2.2345844007746584e-5];
const ITERATIONS = 100, SWEEPS = 12, SETTLED = 1e-12;
const LABELINGS = [[0, 1, 2, 3], [0, 1, 3, 2], [0, 3, 2, 1]];
const LOG_2_PI = Math.log(2 * Math.PI), LOG_4 = Math.log(4);
const expit = (v) => 1 / (1 + Math.exp(-v));
const xlogx = (p) => (p > 0 ? p * Math.log(p) : 0);

// The points of four Gaussians: { x, y, weight } as arrays.
function quadrature(centers, std) {
  const x = [], y = [], weight = [];
  for (const center of centers) {
    NODES.forEach((a, i) => NODES.forEach((b, j) => {
      x.push(center[0] + std * a);
      y.push(center[1] + std * b);
      weight.push(WEIGHTS[i] * WEIGHTS[j] / centers.length);
    }));
  }
  return { x, y, weight };
}

// log p(x, z) of a point, into ``joint``.
function logJoint(x, y, { centers, std }, joint) {
  for (let z = 0; z < 4; z++) {
    const dx = x - centers[z][0], dy = y - centers[z][1];
    joint[z] = -(dx * dx + dy * dy) / (2 * std * std) - LOG_2_PI - 2 * Math.log(std) - LOG_4;
  }
}

function logSumExp(values) {
  const most = Math.max(values[0], values[1], values[2], values[3]);
  let sum = 0;
  for (let z = 0; z < 4; z++) sum += Math.exp(values[z] - most);
  return most + Math.log(sum);
}

// The best factorized q of a point's log joint, into ``best``; returns its ELBO.
function bestFactorized(joint, best) {
  const [l00, l01, l10, l11] = joint;
  let most = -Infinity;
  for (let start = 0; start <= 1; start += 0.5) {
    let a = start, b = 0, before = -1;  // q(z1 = 1) and q(z2 = 1)
    for (let sweep = 0; sweep < SWEEPS && Math.abs(a - before) > SETTLED; sweep++) {
      before = a;
      b = expit((1 - a) * (l01 - l00) + a * (l11 - l10));
      a = expit((1 - b) * (l10 - l00) + b * (l11 - l01));
    }
    const bound = (1 - a) * ((1 - b) * l00 + b * l01) + a * ((1 - b) * l10 + b * l11)
      - xlogx(a) - xlogx(1 - a) - xlogx(b) - xlogx(1 - b);
    if (bound <= most) continue;
    most = bound;
    best[0] = (1 - a) * (1 - b);
    best[1] = (1 - a) * b;
    best[2] = a * (1 - b);
    best[3] = a * b;
  }
  return most;
}

// One step of EM; with the best factorized posteriors if ``factorized``.
function step({ x, y, weight }, model, factorized) {
  const joint = [0, 0, 0, 0], q = [0, 0, 0, 0], mass = [0, 0, 0, 0], sumX = [0, 0, 0, 0], sumY = [0, 0, 0, 0];
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    logJoint(x[i], y[i], model, joint);
    if (factorized) {
      bestFactorized(joint, q);
    } else {
      const total = logSumExp(joint);
      for (let z = 0; z < 4; z++) q[z] = Math.exp(joint[z] - total);
    }
    for (let z = 0; z < 4; z++) {
      const part = q[z] * weight[i];
      mass[z] += part;
      sumX[z] += part * x[i];
      sumY[z] += part * y[i];
    }
    squares += weight[i] * (x[i] * x[i] + y[i] * y[i]);
  }
  const centers = mass.map((m, z) => [sumX[z] / Math.max(m, 1e-12), sumY[z] / Math.max(m, 1e-12)]);
  // sum of q |x - c|^2 = sum of |x|^2 - sum of q |c|^2, as each center is the mean of its points
  const between = mass.reduce((sum, m, z) => sum + m * (centers[z][0] ** 2 + centers[z][1] ** 2), 0);
  return { centers, std: Math.sqrt((squares - between) / 2) };
}

// A model with its log-likelihood and its ELBO, in nats per point.
function measured({ x, y, weight }, model) {
  const joint = [0, 0, 0, 0], q = [0, 0, 0, 0];
  let logLikelihood = 0, elbo = 0;
  for (let i = 0; i < x.length; i++) {
    logJoint(x[i], y[i], model, joint);
    logLikelihood += weight[i] * logSumExp(joint);
    elbo += weight[i] * bestFactorized(joint, q);
  }
  return { ...model, logLikelihood, elbo, gap: logLikelihood - elbo };
}

// What a fit to four Gaussians costs, spread over slices: calls pause() between them, which promises whether to go on.
// Resolves to { likelihood, elbo }, two models, or to null.
async function compare(centers, std, pause = async () => true) {
  const points = quadrature(centers, std), found = [];
  for (const order of [null, ...LABELINGS]) {
    let model = { centers: order ? order.map((z) => centers[z]) : centers, std };
    for (let i = 0; i < ITERATIONS; i++) {
      model = step(points, model, Boolean(order));
      if (i % 4 === 3 && !await pause()) return null;
    }
    found.push(measured(points, model));
  }
  const [likelihood, ...byElbo] = found;
  return { likelihood, elbo: byElbo.reduce((a, b) => (b.elbo > a.elbo ? b : a)) };
}

// KL(q || p(z | x)) of the best factorized q at a point of the plane, in nats.
function gapAt(x, y, model) {
  const joint = [0, 0, 0, 0];
  logJoint(x, y, model, joint);
  return logSumExp(joint) - bestFactorized(joint, [0, 0, 0, 0]);
}

return { compare, gapAt };
