// Decoders of meshes: a network, then from what it says of each vertex to the vertices (mesh_plan.py, nn/surface.py).
gm.engineParts.push((engine) => {
  const { Network, allocVector } = engine;

  // Edges of closed faces in both directions: each is a side of two faces that pass it in opposite ways.
  function edgesOf(faces) {
    const from = new Int32Array(faces.length), to = new Int32Array(faces.length);
    for (let f = 0; f < faces.length; f += 3) {
      for (let k = 0; k < 3; k++) [from[f + k], to[f + k]] = [faces[f + k], faces[f + (k + 1) % 3]];
    }
    return { from, to };
  }

  // Solves the linear system whose matrix is the graph's Laplacian, with vertex `fixed` at 0. Vertices that are joined
  // have numbers that differ little, so the factor (Cholesky) has few numbers in a row, all beside the diagonal.
  function laplacianSolver({ from, to }, vertices, fixed) {
    let width = 0;
    for (let e = 0; e < from.length; e++) width = Math.max(width, from[e] - to[e]);
    const size = width + 1, factor = new Float64Array(vertices * size);  // row i: columns i - width to i
    const at = (i, j) => i * size + j - i + width;
    for (let e = 0; e < from.length; e++) {
      if (from[e] === fixed) continue;
      factor[at(from[e], from[e])] += 1;
      if (to[e] < from[e] && to[e] !== fixed) factor[at(from[e], to[e])] -= 1;
    }
    factor[at(fixed, fixed)] = 1;
    for (let i = 0; i < vertices; i++) {
      for (let j = Math.max(0, i - width); j <= i; j++) {
        let sum = factor[at(i, j)];
        for (let k = Math.max(0, i - width); k < j; k++) if (k >= j - width) sum -= factor[at(i, k)] * factor[at(j, k)];
        factor[at(i, j)] = i === j ? Math.sqrt(sum) : sum / factor[at(j, j)];
      }
    }
    // values: three for each vertex, in place.
    return (values) => {
      values.fill(0, 3 * fixed, 3 * fixed + 3);
      for (let i = 0; i < vertices; i++) {
        for (let c = 0; c < 3; c++) {
          let sum = values[3 * i + c];
          for (let j = Math.max(0, i - width); j < i; j++) sum -= factor[at(i, j)] * values[3 * j + c];
          values[3 * i + c] = sum / factor[at(i, i)];
        }
      }
      for (let i = vertices - 1; i >= 0; i--) {
        const diagonal = factor[at(i, i)];
        for (let c = 0; c < 3; c++) {
          const value = values[3 * i + c] /= diagonal;
          for (let j = Math.max(0, i - width); j < i; j++) values[3 * j + c] -= factor[at(i, j)] * value;
        }
      }
    };
  }

  // Latents to vertices.
  class MeshDecoder extends Network {
    constructor(runtime, plan, weights) {
      super(runtime, plan, weights, allocVector(runtime, 1, plan.dim));
      const low = weights[plan.low], high = weights[plan.high];
      this.middle = low.map((value, i) => (value + high[i]) / 2);
      this.reach = low.map((value, i) => Math.max(high[i] - value, plan.min_width) / 2 / plan.range);
      this.vertices = plan.rest.length / 3;
      this.edges = edgesOf(plan.faces);
      this.solve = laplacianSolver(this.edges, this.vertices, this.vertices >> 1);
      this.gradients = new Float64Array(9 * this.vertices);
      this.sums = new Float64Array(3 * this.vertices);
    }

    // z: plan.dim numbers. Returns x, y, z of all vertices, whose mean is 0, in a new array.
    decode(z) {
      const { runtime, plan, input, output, middle, reach } = this;
      new Float32Array(runtime.memory.buffer).set(z, input.start >> 2);
      this.run([0]);
      const raw = new Float32Array(runtime.memory.buffer, output.start, middle.length);
      const features = middle.map((value, i) => value + reach[i] * Math.tanh(raw[i]));
      const found = plan.features === 3 ? features.map((value, i) => value + plan.rest[i]) : this.assemble(features);
      const mean = [0, 0, 0];
      for (let i = 0; i < found.length; i++) mean[i % 3] += found[i] / this.vertices;
      return Float32Array.from(found, (value, i) => value - mean[i % 3]);
    }

    // The volume inside of a mesh, by the divergence theorem.
    volumeOf(vertices) {
      const { faces } = this.plan;
      let sum = 0;
      for (let f = 0; f < faces.length; f += 3) {
        const a = 3 * faces[f], b = 3 * faces[f + 1], c = 3 * faces[f + 2];
        sum += vertices[a] * (vertices[b + 1] * vertices[c + 2] - vertices[b + 2] * vertices[c + 1])
          + vertices[a + 1] * (vertices[b + 2] * vertices[c] - vertices[b] * vertices[c + 2])
          + vertices[a + 2] * (vertices[b] * vertices[c + 1] - vertices[b + 1] * vertices[c]);
      }
      return sum / 6;
    }

    // Rotations and stretches to vertices: the edges of the mesh at rest as their ends deform them, put together.
    assemble(features) {
      const { gradients, sums, edges: { from, to }, plan: { rest } } = this;
      for (let i = 0; i < this.vertices; i++) deform(features, 9 * i, gradients, 9 * i);
      sums.fill(0);
      for (let e = 0; e < from.length; e++) {
        const a = from[e], b = to[e], x = rest[3 * a] - rest[3 * b], y = rest[3 * a + 1] - rest[3 * b + 1];
        const z = rest[3 * a + 2] - rest[3 * b + 2];
        for (let row = 0; row < 3; row++) {
          const g = 9 * a + 3 * row, h = 9 * b + 3 * row;
          sums[3 * a + row] += ((gradients[g] + gradients[h]) * x + (gradients[g + 1] + gradients[h + 1]) * y
            + (gradients[g + 2] + gradients[h + 2]) * z) / 2;
        }
      }
      this.solve(sums);
      return sums;
    }
  }

  // The matrix of a vertex, row by row: the rotation of an axis times an angle (Rodrigues' formula) after a stretch.
  function deform(f, at, matrix, to) {
    const x = f[at], y = f[at + 1], z = f[at + 2], angle = Math.hypot(x, y, z);
    const a = angle > 1e-6 ? Math.sin(angle) / angle : 1, b = angle > 1e-6 ? (1 - Math.cos(angle)) / angle ** 2 : 0.5;
    const c = 1 - b * angle * angle;
    const rotation = [c + b * x * x, b * x * y - a * z, b * x * z + a * y, b * x * y + a * z, c + b * y * y,
      b * y * z - a * x, b * x * z - a * y, b * y * z + a * x, c + b * z * z];
    const xx = 1 + f[at + 3], yy = 1 + f[at + 4], zz = 1 + f[at + 5], xy = f[at + 6], xz = f[at + 7], yz = f[at + 8];
    for (let row = 0; row < 9; row += 3) {
      const p = rotation[row], q = rotation[row + 1], r = rotation[row + 2];
      matrix[to + row] = p * xx + q * xy + r * xz;
      matrix[to + row + 1] = p * xy + q * yy + r * yz;
      matrix[to + row + 2] = p * xz + q * yz + r * zz;
    }
  }

  Object.assign(engine, { MeshDecoder });
});
