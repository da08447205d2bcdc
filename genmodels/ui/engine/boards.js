// Encodes images to two boards of codes, decodes boards, and fills them by their priors, code after code, from the same
// weights.safetensors that Python reads, by a plan of board_plan.py.
//
// Boards are [coarse, fine], an Int16Array each, row by row, -1 where a tile is empty. Codes are drawn in an order: the
// coarse board in reading order, then the fine one, in turn the tiles under each coarse one.
(() => {
  const { gelu, prepare, tensorsOf } = gm.cells;

  // sum += a table's rows: for each of `codes` in turn the one of its own part.
  function addRows(sum, table, codes, of) {
    codes.forEach((code, part) => {
      for (let i = 0, at = (part * of + code) * sum.length; i < sum.length; i++, at++) sum[i] += table[at];
    });
  }

  // BoardPrior of nn/board_prior.py, cell by cell.
  class BoardPrior {
    constructor(plan, { size, codes, width_of_cell: width }, tensors) {
      const sizes = [], reserve = (count) => sizes.push(count) - 1;
      const one = (operation) => prepare(operation, tensors, size, reserve);
      Object.assign(this, { sizes, codes, width, columns: size[1], temperature: plan.temperature,
        embed: tensors[plan.embed], drawn: plan.drawn.map((name) => tensors[name]), parts: plan.logits.length,
        blocks: plan.blocks.map((operations) => operations.map(one)), norm: one(plan.norm),
        hidden: plan.hidden.map(one), logits: plan.logits.map(one) });
    }

    // What is computed for a cell before its codes; start: what is known of it, before: the codes of the cell before.
    cell(memory, place, start, before) {
      const h = Float64Array.from(start), row = Math.floor(place / this.columns), column = place % this.columns;
      addRows(h, this.embed, before, this.codes);
      for (const operations of this.blocks) {
        let found = h;
        for (const operation of operations) found = operation(memory, found, row, column);
        for (let i = 0; i < h.length; i++) h[i] += found[i];
      }
      return Float64Array.from(this.norm(memory, h));
    }

    // The probabilities of a cell's next code, given its codes so far; at temperature 1 those that were learned.
    probabilities(h, codes, temperature = this.temperature) {
      const part = codes.length, hidden = this.hidden[part](null, h);
      if (part) addRows(hidden, this.drawn[part - 1], codes, this.codes);
      const logits = this.logits[part](null, hidden.map(gelu)), most = Math.max(...logits);
      const found = logits.map((logit) => Math.exp((logit - most) / temperature));
      const sum = found.reduce((a, b) => a + b);
      return found.map((value) => value / sum);
    }
  }

  class BoardNetwork {
    constructor(plan, tensors, graphs) {
      const [rows, columns] = plan.size, side = Math.sqrt(plan.parts), cells = rows * columns;
      Object.assign(this, graphs, { plan, cells, height: plan.height, width: plan.width, codes: plan.codes,
        priors: plan.priors.map((prior) => new BoardPrior(prior, plan, tensors)),
        tables: plan.codebooks.map((name) => tensors[name]), label: tensors[plan.label],
        position: tensors[plan.position], embed: tensors[plan.embed],
        sizes: [[rows, columns], [side * rows, side * columns]], count: cells * (1 + plan.parts) });
      this.order = Array.from({ length: this.count }, (_, at) => {
        if (at < cells) return { level: 0, cell: at, part: 0, tile: at };
        const cell = Math.floor((at - cells) / plan.parts), part = (at - cells) % plan.parts;
        const row = side * Math.floor(cell / columns) + Math.floor(part / side);
        return { level: 1, cell, part, tile: side * (row * columns + cell % columns) + part % side };
      });
      // Where in the order a tile of a board is.
      this.places = this.sizes.map(([h, w]) => new Int16Array(h * w));
      this.order.forEach(({ level, tile }, at) => { this.places[level][tile] = at; });
    }

    empty() { return this.sizes.map(([h, w]) => new Int16Array(h * w).fill(-1)); }

    // pixels: gray levels, row by row.
    encode(pixels) {
      this.encoder.putImage(Float32Array.from(pixels, (level) => level / 127.5 - 1));
      this.encoder.run();
      return this.encoder.outputs.map(({ codes }) => Int16Array.from(codes));
    }

    // Gray levels of boards.
    decode(boards) {
      boards.forEach((codes, level) => this.decoder.putCodes(level, codes, this.tables[level]));
      this.decoder.run();
      return Uint8ClampedArray.from(this.decoder.read(), (value) => (value + 1) * 127.5);
    }

    begin(category) { return new BoardRun(this, category); }

    // The label under which the prior finds a coarse board, which is full, likeliest.
    likelyLabel(coarse) {
      const labels = this.label.length / (2 * this.plan.width_of_cell);
      const found = Array.from({ length: labels }, (_, category) => {
        const run = this.begin(category);
        return coarse.reduce((sum, code) => {
          const p = run.probabilities(1)[code];
          run.put(code);
          return sum + Math.log(p);
        }, 0);
      });
      return found.indexOf(Math.max(...found));
    }

    // What is known of the cells around which a whole coarse board lies.
    context(coarse) {
      this.look.putCodes(0, coarse, this.embed);
      this.look.run();
      return this.look.read();
    }
  }

  // Boards at work: `at` is the next code, in the order. For each in turn probabilities(), where wanted, then put().
  class BoardRun {
    constructor(network, category) {
      const memories = network.priors.map(({ sizes }) => sizes.map((count) => new Float32Array(count)));
      Object.assign(this, { network, category, memories, boards: network.empty(), at: 0, known: null, context: null });
    }

    // The codes of a cell of a board, the first `parts` of them.
    codesOf(level, cell, parts) {
      const { network: { order, cells, plan }, boards } = this;
      const first = level ? cells + cell * plan.parts : cell;
      return Array.from({ length: parts }, (_, part) => boards[level][order[first + part].tile]);
    }

    // What is computed for the cell of the next code; once, for its first one.
    prepare() {
      const { network, known } = this, { level, cell } = network.order[this.at];
      if (known && known.level === level && known.cell === cell) return known.h;
      const prior = network.priors[level], { width } = prior, offset = level * width, { label, position } = network;
      const start = Float64Array.from({ length: width }, (_, i) => (
        label[2 * width * this.category + offset + i] + position[2 * width * cell + offset + i]));
      if (level) {
        this.context = this.context || network.context(this.boards[0]);
        for (let i = 0; i < width; i++) start[i] += this.context[cell * width + i];
      }
      const before = cell ? this.codesOf(level, cell - 1, prior.parts) : [];
      this.known = { level, cell, h: prior.cell(this.memories[level], cell, start, before) };
      return this.known.h;
    }

    // Of each code, to be the next one that is drawn.
    probabilities(temperature) {
      const { level, cell, part } = this.network.order[this.at], h = this.prepare();
      return this.network.priors[level].probabilities(h, this.codesOf(level, cell, part), temperature);
    }

    put(code) {
      const { level, tile } = this.network.order[this.at];
      this.prepare();
      this.boards[level][tile] = code;
      if (!level) this.context = null;
      this.at++;
    }

    // Draw the next code by a die in [-1, 1].
    draw(die) {
      const found = this.probabilities();
      let code = 0;
      for (let sum = found[0]; sum <= (die + 1) / 2 && code < found.length - 1; sum += found[code]) code++;
      this.put(code);
    }

    // Go back to a code; the tiles from there on are empty. What is kept of them is written anew before it is read.
    rewind(at) {
      const { order } = this.network;
      while (this.at > at) {
        const { level, tile } = order[--this.at];
        this.boards[level][tile] = -1;
      }
      this.known = null;
    }

    // Take codes over from other boards up to a place in the order.
    follow(boards, until) {
      const { order } = this.network;
      let same = 0;
      while (same < Math.min(this.at, until) && this.boards[order[same].level][order[same].tile]
        === boards[order[same].level][order[same].tile]) same++;
      this.rewind(same);
      while (this.at < until) this.put(boards[order[this.at].level][order[this.at].tile]);
    }
  }

  const loaded = {};

  async function load(name, skip = 0) {
    const { boards: plan, weights, tensors } = await gm.fetchJson('plan/' + encodeURIComponent(name));
    if (!plan) return null;
    const key = weights + skip;
    if (loaded[key]) return loaded[key];
    const graphs = { encoder: plan.encoder, decoder: plan.decoder, look: plan.look };
    const ofPrior = ({ embed, drawn, hidden, logits, blocks, norm }) => [embed, ...drawn,
      ...[...hidden, ...logits, ...blocks.flat(), norm].flatMap(tensorsOf)];
    const names = [...Object.values(graphs).flatMap(gm.engine.graphTensors), ...plan.priors.flatMap(ofPrior),
      ...plan.codebooks, plan.label, plan.position, plan.embed];
    const found = await gm.fetchTensors(gm.root + weights, names, tensors);
    const made = await gm.engine.createGraphs(graphs, found, { gelu }, skip);
    loaded[key] = new BoardNetwork(plan, found, made);
    return loaded[key];
  }

  gm.boards = {
    // The network of a model that fills boards of codes; null where the page cannot run it.
    load,

    // Boards as one list, as the page's state has them, and back; undefined where it is no such list.
    pack: (boards) => boards.flatMap((codes) => [...codes]),
    unpack({ sizes, codes, count }, list) {
      if (list.length !== count || !list.every((code) => code >= -1 && code < codes)) return undefined;
      let at = 0;
      return sizes.map(([h, w]) => Int16Array.from(list.slice(at, at += h * w)));
    },
  };
})();
