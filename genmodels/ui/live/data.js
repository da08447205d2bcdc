// Points in the plane to learn from, and how much of them a generator covers.
gm.engineParts.push((engine) => {
  const GRID = 5, CURVE_PARTS = 8, PART_POINTS = 12;
  const NEAR_STDS = 3;  // within which a point counts as one of the data
  const SHARE = 4;  // a part is covered by a quarter of the points that it should get, within a quarter of the spacing

  // Numbers from a text, the same for everyone: xmur3 and sfc32 (both in the public domain), then Box and Muller.
  class Random {
    constructor(text) {
      let h = 1779033703 ^ text.length;
      for (const letter of text) {
        h = Math.imul(h ^ letter.charCodeAt(0), 3432918353);
        h = (h << 13) | (h >>> 19);
      }
      this.state = Int32Array.from({ length: 4 }, () => {
        h = Math.imul(h ^ (h >>> 16), 2246822507);
        h = Math.imul(h ^ (h >>> 13), 3266489909);
        return (h ^= h >>> 16);
      });
      this.spare = null;
      for (let i = 0; i < 15; i++) this.uniform();
    }

    uniform() {
      const { state } = this, a = state[0], b = state[1], c = state[2], sum = (a + b + state[3]) | 0;
      state[3]++;
      state[0] = b ^ (b >>> 9);
      state[1] = c + (c << 3);
      state[2] = ((c << 21) | (c >>> 11)) + sum;
      return (sum >>> 0) / 4294967296;
    }

    normal() {
      if (this.spare !== null) {
        const value = this.spare;
        this.spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())), angle = 2 * Math.PI * this.uniform();
      this.spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    }
  }

  // ---- Data sets: { centers: points of the middle, std around them, parts: lists of centers, spacing between parts }

  const even = (count, at) => Array.from({ length: count }, (_, i) => at(i / count));
  const separate = (centers, std, spacing) => ({ centers, std, spacing, parts: centers.map((center) => [center]) });
  // Along a curve, in parts of which each is as long as the others, as far as the curve goes evenly.
  function along(curves, std, reach) {
    const parts = curves.flatMap(([count, at]) => even(count, (start) => (
      even(PART_POINTS, (share) => at(start + (share + 0.5 / PART_POINTS) / count)))));
    return { centers: parts.flat(), std, spacing: SHARE * reach, parts };
  }

  const arc = (x, y, from, to) => (t) => {
    const angle = from + t * (to - from);
    return [x + 1.3 * Math.cos(angle), y + 1.3 * Math.sin(angle)];
  };
  const SETS = {
    ring: () => separate(even(8, (t) => [2 * Math.cos(2 * Math.PI * t), 2 * Math.sin(2 * Math.PI * t)]), 0.05,
      4 * Math.sin(Math.PI / 8)),
    grid: () => separate(Array.from({ length: GRID * GRID }, (_, i) => [i % GRID - 2, Math.floor(i / GRID) - 2]), 0.05,
      1),
    spiral: () => along([[CURVE_PARTS, (t) => {
      const along = Math.sqrt(0.04 + 0.96 * t), angle = 4.6 * Math.PI * along;  // even in length
      return [2.2 * along * Math.cos(angle), 2.2 * along * Math.sin(angle)];
    }]], 0.06, 0.18),
    moons: () => along([[CURVE_PARTS / 2, arc(-0.65, -0.35, 0, Math.PI)],
      [CURVE_PARTS / 2, arc(0.65, 0.35, Math.PI, 2 * Math.PI)]], 0.08, 0.24),
    drawn: (points) => {
      const count = Math.min(CURVE_PARTS, points.length), part = (i) => Math.floor(i * points.length / count);
      return { centers: points, std: 0.08, spacing: SHARE * 0.24,
        parts: Array.from({ length: count }, (_, i) => points.slice(part(i), part(i + 1))) };
    },
  };

  // Fill rows of [row][width] with points of a set.
  function drawPoints({ centers, std }, random, rows, width, count) {
    for (let row = 0; row < count; row++) {
      const center = centers[Math.floor(random.uniform() * centers.length)];
      for (let k = 0; k < 2; k++) rows[width * row + k] = center[k] + std * random.normal();
    }
  }

  // { held: whether each part is covered, covered: how many are, near: the share of points within three standard
  // deviations of a center }.
  function measure({ parts, std, spacing }, rows, width, count) {
    const found = new Int32Array(parts.length), reach = (spacing / SHARE) ** 2, near = (NEAR_STDS * std) ** 2;
    let close = 0;
    for (let row = 0; row < count; row++) {
      const x = rows[width * row], y = rows[width * row + 1];
      let best = 0, least = Infinity;
      for (let part = 0; part < parts.length; part++) {
        for (const [a, b] of parts[part]) {
          const distance = (x - a) * (x - a) + (y - b) * (y - b);
          if (distance < least) [least, best] = [distance, part];
        }
      }
      if (least <= reach) found[best]++;
      if (least <= near) close++;
    }
    const held = Array.from(found, (n) => n >= count / parts.length / SHARE);
    return { held, covered: held.filter(Boolean).length, near: close / count };
  }

  Object.assign(engine, { Random, SETS, drawPoints, measure });
});
