// The posterior of one image over two latents, and Gaussians for it: metrics/posterior_gap.py in JavaScript, where the
// method is explained. No component by itself: posterior_map.js calls this. A log joint is a function of latents
// [[x, y], ...] that returns a promise of log p(image, z) for each, in nats; Gaussians are { mu, std }, of two numbers
// each.
const EXTENT = 4.5, SIDE = 61, MAX_SPLITS = 5, FIRST_RANGE = 40, RANGE = 20, FINE_ENOUGH = 600, SETTLED = 0.002;
const STEPS = 40, STEP_NODES = 7, ENOUGH = 1e-4, FINAL_NODES = 15;
const VIEW_SIDE = 49;  // cells of the close-up along each side
const AXES = [0, 1];
const LOG_2_PI = Math.log(2 * Math.PI);
const sum = (values) => values.reduce((total, value) => total + value, 0);

const largest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
function logSumExp(values) {
  const most = largest(values);
  return most + Math.log(sum(values.map((value) => Math.exp(value - most))));
}
const logPrior = (z) => -(z[0] ** 2 + z[1] ** 2) / 2 - LOG_2_PI;

// ---- The exact posterior

// A grid over a square of latents: the centers of its side x side cells, the second latent running faster.
function gridOf(low, size, side) {
  const at = (k, from) => from + (k + 0.5) * size / side;
  return Array.from({ length: side * side }, (_, i) => [at(Math.floor(i / side), low[0]), at(i % side, low[1])]);
}

// { z, mass, logProb }: cells that are finer where the posterior has its mass, the log of the mass in each, and
// log p(image). onFirst(values) gets the log joint on the first grid, of the whole plane.
async function posteriorCells(joint, onFirst = () => {}) {
  let size = 2 * EXTENT / SIDE, z = gridOf([-EXTENT, -EXTENT], 2 * EXTENT, SIDE), before = -Infinity;
  const found = { z: [], mass: [] };
  for (let level = 0; ; level++) {
    const values = await joint(z), mass = values.map((value) => value + 2 * Math.log(size));
    if (!level) onFirst(values);
    const logProb = logSumExp([...found.mass, ...mass]);
    const least = largest(values) - (level ? RANGE : FIRST_RANGE), split = values.map((value) => value > least);
    const count = split.filter(Boolean).length;
    if (level === MAX_SPLITS || Math.abs(logProb - before) < SETTLED || count > FINE_ENOUGH) {
      return { z: [...found.z, ...z], mass: [...found.mass, ...mass], logProb };
    }
    found.z.push(...z.filter((_, i) => !split[i]));
    found.mass.push(...mass.filter((_, i) => !split[i]));
    z = z.filter((_, i) => split[i]).flatMap((at) => [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => (
      [at[0] + x * size / 3, at[1] + y * size / 3]))));
    before = logProb;
    size /= 3;
  }
}

// Gaussians to start from: one with the moments of the posterior's cells, one around the heaviest cell.
function startsOf({ z, mass }) {
  const most = largest(mass), weights = mass.map((value) => Math.exp(value - most)), total = sum(weights);
  const mean = AXES.map((k) => sum(z.map((at, i) => weights[i] * at[k])) / total);
  const variance = AXES.map((k) => sum(z.map((at, i) => weights[i] * (at[k] - mean[k]) ** 2)) / total);
  const peak = z[mass.indexOf(most)];
  const near = weights.map((m, i) => (sum(AXES.map((k) => (z[i][k] - peak[k]) ** 2 / variance[k])) < 1 ? m : 0));
  const nearTotal = sum(near);
  const narrow = AXES.map((k) => Math.max(sum(z.map((at, i) => near[i] * (at[k] - peak[k]) ** 2)) / nearTotal, 1e-8));
  return [{ mu: mean, std: variance.map(Math.sqrt) }, { mu: peak, std: narrow.map(Math.sqrt) }];
}

// ---- Gaussians

// Nodes and weights of the expectation under a standard normal: the roots of the Hermite polynomial, by Newton's method
// from between those of the polynomial before (Gautschi 2004, section 3.1), here by bisection, which needs no start.
function hermite(n) {
  const polynomial = (degree, x) => {  // normalized; the one before as well
    let [before, now] = [0, 1];
    for (let k = 0; k < degree; k++) [before, now] = [now, (x * now - Math.sqrt(k) * before) / Math.sqrt(k + 1)];
    return [now, before];
  };
  let roots = [];
  for (let degree = 1; degree <= n; degree++) {
    const ends = [-2 * Math.sqrt(degree) - 1, ...roots, 2 * Math.sqrt(degree) + 1];
    roots = Array.from({ length: degree }, (_, i) => {
      let [a, b] = [ends[i], ends[i + 1]];
      const sign = Math.sign(polynomial(degree, a)[0]);
      for (let k = 0; k < 80; k++) {
        const middle = (a + b) / 2;
        if (Math.sign(polynomial(degree, middle)[0]) === sign) a = middle;
        else b = middle;
      }
      return (a + b) / 2;
    });
  }
  return { nodes: roots, weights: roots.map((x) => 1 / (n * polynomial(n, x)[1] ** 2)) };
}
function plane(n) {
  const { nodes, weights } = hermite(n);
  return {
    nodes: nodes.flatMap((a) => nodes.map((b) => [a, b])), weights: weights.flatMap((a) => weights.map((b) => a * b)) };
}
const stepNodes = plane(STEP_NODES), finalNodes = plane(FINAL_NODES);
const placed = ({ mu, std }, nodes) => nodes.map((node) => AXES.map((k) => mu[k] + std[k] * node[k]));
const entropy = ({ std }) => LOG_2_PI + 1 + Math.log(std[0]) + Math.log(std[1]);

async function elbo(joint, q) {
  const values = await joint(placed(q, finalNodes.nodes));
  return sum(values.map((value, i) => finalNodes.weights[i] * value)) + entropy(q);
}

// Natural gradient ascent on the bound: the Gaussians on its way, the start first.
async function climb(joint, start) {
  const { nodes, weights } = stepNodes;
  const look = async (q) => {
    const values = (await joint(placed(q, nodes))).map((value, i) => weights[i] * value);
    return {
      bound: sum(values) + Math.log(q.std[0]) + Math.log(q.std[1]),
      gradient: AXES.map((k) => sum(values.map((value, i) => value * nodes[i][k])) / q.std[k]),
      curvature: AXES.map((k) => sum(values.map((value, i) => value * (nodes[i][k] ** 2 - 1))) / q.std[k] ** 2),
    };
  };
  let q = start, at = await look(q), rate = 1;
  const path = [q];
  for (let step = 0; step < STEPS; step++) {
    const precision = AXES.map((k) => (
      (1 - rate) / q.std[k] ** 2 + rate * Math.max(-at.curvature[k], 0.1 / q.std[k] ** 2)));
    const next = {
      mu: AXES.map((k) => {
        const move = rate * at.gradient[k] / precision[k];
        return q.mu[k] + Math.min(3 * q.std[k], Math.max(-3 * q.std[k], move));
      }),
      std: precision.map((value) => 1 / Math.sqrt(value)),
    };
    const there = await look(next);
    if (there.bound < at.bound) {
      rate /= 2;
      continue;
    }
    const gain = there.bound - at.bound;
    [q, at, rate] = [next, there, Math.min(1, 2 * rate)];
    path.push(q);
    if (gain < ENOUGH) break;
  }
  return path;
}

// A square around the best ellipse and the encoder's.
function viewOf(path) {
  const corners = [[path[0], 2], [path[path.length - 1], 5]].flatMap(([{ mu, std }, reach]) => (
    [-reach, reach].map((times) => mu.map((m, k) => m + times * std[k]))));
  const low = AXES.map((k) => Math.min(...corners.map((z) => z[k])));
  const high = AXES.map((k) => Math.max(...corners.map((z) => z[k])));
  const size = 1.1 * Math.max(high[0] - low[0], high[1] - low[1]);
  return { low: low.map((end, k) => (end + high[k] - size) / 2), size };
}

// All of it for an image, whose log-likelihood given latents logProbs(rows) promises, and the encoder's Gaussian:
// { logProb, path, bounds, view }: the Gaussians from the encoder's to the best one, the bound of each, and a close-up of
// the posterior, { low, size, side, values }, a square of latents and the log joint on a grid over it.
async function study(logProbs, encoded, onFirst) {
  const joint = async (rows) => (await logProbs(rows)).map((value, i) => value + logPrior(rows[i]));
  const cells = await posteriorCells(joint, (values) => (
    onFirst({ low: [-EXTENT, -EXTENT], size: 2 * EXTENT, side: SIDE, values })));
  const path = await climb(joint, encoded), bounds = [];
  for (const q of path) bounds.push(await elbo(joint, q));
  for (const start of startsOf(cells)) {
    const end = (await climb(joint, start)).pop(), bound = await elbo(joint, end);
    if (bound <= Math.max(...bounds) + 0.01) continue;  // otherwise in another of the posterior's modes
    path.push(end);
    bounds.push(bound);
  }
  const { low, size } = viewOf(path), values = await joint(gridOf(low, size, VIEW_SIDE));
  return { logProb: cells.logProb, path, bounds, view: { low, size, side: VIEW_SIDE, values } };
}

return { study, posteriorCells, startsOf, climb, elbo };
