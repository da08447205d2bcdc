// What one panel shows: points in the plane, over the critic's opinion of it; curves over the steps. The body of
// createPlots(element), for the element of a panel: fetched with the trainer, since it draws nothing before.
const { EXTENT, LINES, LINE_POINTS, HEAT_SIDE } = engine;
const canvas = element.querySelector('.gm-live-plane').firstElementChild;
const curves = element.querySelector('.gm-live-curves');
const heat = Object.assign(document.createElement('canvas'), { width: HEAT_SIDE, height: HEAT_SIDE });
const layer = { canvas: document.createElement('canvas'), key: '', sample: null };
const MOST = 300;  // points of a curve; of longer ones every other is left out
const DATA_POINTS = 400;
const CURVES_MS = 200;  // between two drawings of the curves while it runs
let colors = null, records = [], lastCurves = 0;

function readColors() {
  const style = getComputedStyle(element), get = (name) => style.getPropertyValue('--live-' + name).trim();
  const rgb = (name) => get(name).match(/[\da-f]{2}/g).map((part) => parseInt(part, 16));
  colors = { data: get('data'), made: get('made'), held: get('held'), line: get('line'), first: get('first'),
    second: get('second'), rule: get('rule'), low: rgb('low'), high: rgb('high') };
}

// A canvas as many pixels wide and high as the screen has for it; null while it has none.
function prepare(target) {
  const unit = window.devicePixelRatio || 1;
  const [w, h] = [target.clientWidth, target.clientHeight].map((side) => Math.round(side * unit));
  if (!w || !h) return null;
  if (target.width !== w || target.height !== h) Object.assign(target, { width: w, height: h });
  const context = target.getContext('2d');
  context.clearRect(0, 0, w, h);
  return { context, w, h, unit };
}

function paintHeat(values) {
  const context = heat.getContext('2d'), image = context.createImageData(HEAT_SIDE, HEAT_SIDE), { low, high } = colors;
  for (let i = 0; i < values.length; i++) {
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = low[k] + values[i] * (high[k] - low[k]);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function drawPoints(context, place, points, count, size, color) {
  context.fillStyle = color;
  for (let i = 0; i < count; i++) {
    const [x, y] = place(points[2 * i], points[2 * i + 1]);
    context.fillRect(x - size / 2, y - size / 2, size, size);
  }
}

// The data on a canvas of their own, which is drawn once for all steps.
function layerOf(sample, place, { w, h }, size) {
  const key = [w, h, colors.data, sample.length].join();
  if (layer.key === key && layer.sample === sample) return layer.canvas;
  Object.assign(layer, { key, sample });
  Object.assign(layer.canvas, { width: w, height: h });
  drawPoints(layer.canvas.getContext('2d'), place, sample, Math.min(DATA_POINTS, sample.length / 2), size, colors.data);
  return layer.canvas;
}

function drawLines(context, place, unit, lines) {
  Object.assign(context, { strokeStyle: colors.line, lineWidth: unit });
  context.beginPath();
  for (let i = 0; i < 2 * LINES * LINE_POINTS; i++) {
    const [x, y] = place(lines[2 * i], lines[2 * i + 1]);
    if (i % LINE_POINTS) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
  context.stroke();
}

// A circle for each part of the data: whole where it is covered, dashed where it is not.
function drawParts(context, place, unit, parts, held) {
  parts.forEach((part, i) => {
    const [x, y] = place(...part[Math.floor(part.length / 2)]);
    context.setLineDash(held[i] ? [] : [3 * unit, 3 * unit]);
    const [color, width] = held[i] ? [colors.held, 2.5] : [colors.data, 1.2];
    Object.assign(context, { strokeStyle: color, lineWidth: width * unit });
    context.beginPath();
    context.arc(x, y, 9 * unit, 0, 2 * Math.PI);
    context.stroke();
  });
  context.setLineDash([]);
}

return {
  // report: what the Worker sent last, or null; parts: of the data, sample: points of it, one coordinate after the other;
  // cursor: where the keys draw, or null.
  draw(report, { parts, sample, withLines, cursor }) {
    const at = prepare(canvas);
    if (!at) return;
    readColors();
    const { context, w, h, unit } = at, place = (x, y) => [(x / EXTENT + 1) / 2 * w, (1 - y / EXTENT) / 2 * h];
    context.imageSmoothingEnabled = true;
    if (report && report.heat) {
      paintHeat(report.heat);
      context.drawImage(heat, 0, 0, w, h);
    }
    const size = Math.max(2, Math.round(w / 130));
    context.drawImage(layerOf(sample, place, at, size), 0, 0);
    if (report && withLines) drawLines(context, place, unit, report.lines);
    if (report) {
      drawParts(context, place, unit, parts, report.held);
      const { points } = report;
      drawPoints(context, place, points, points.length / 2, Math.max(2, Math.round(w / 110)), colors.made);
    }
    if (cursor) {
      const [x, y] = place(...cursor);
      Object.assign(context, { strokeStyle: colors.made, lineWidth: 2 * unit });
      context.strokeRect(x - 6 * unit, y - 6 * unit, 12 * unit, 12 * unit);
    }
  },

  clear() { records = []; },

  // A point of the curves: { step, losses, covered }.
  add(record) {
    records.push(record);
    if (records.length <= MOST) return;
    records = records.filter((_, i) => i % 2 === 0 || i === records.length - 1);
  },

  // of: the most that can be covered; isFast: whether the next drawing will soon come.
  drawCurves(of, isFast) {
    if (isFast && performance.now() < lastCurves + CURVES_MS) return;
    lastCurves = performance.now();
    const at = prepare(curves);
    if (!at || !colors) return;
    const { context, w, h, unit } = at, last = Math.max(1, records.length && records[records.length - 1].step);
    const half = Math.round(h * 0.46), x = (step) => step / last * w;
    const values = records.filter(({ losses }) => losses);
    context.lineWidth = unit;
    context.fillStyle = colors.rule;
    for (const y of [half, h - unit]) context.fillRect(0, y, w, unit);
    context.fillStyle = colors.held;  // how much is covered, in steps
    records.forEach(({ step, covered }, i) => {
      const from = x(step), to = i + 1 < records.length ? x(records[i + 1].step) : w;
      const height = covered / of * (half - 2 * unit);
      context.fillRect(from, half - height, Math.max(unit, to - from), height);
    });
    const all = values.flatMap(({ losses }) => losses).sort((a, b) => a - b);
    const [low, high] = [0.01, 0.99].map((share) => all[Math.floor(share * all.length)]);
    const span = Math.max(1e-6, high - low);
    ['first', 'second'].forEach((name, k) => {
      Object.assign(context, { strokeStyle: colors[name], lineWidth: (2 - 0.5 * k) * unit });
      context.setLineDash(k ? [5 * unit, 3 * unit] : []);
      context.beginPath();
      values.forEach(({ step, losses }) => {
        const share = Math.min(1, Math.max(0, (losses[k] - low) / span));
        context.lineTo(x(step), h - 3 * unit - share * (h - half - 8 * unit));
      });
      context.stroke();
    });
    context.setLineDash([]);
  },
};
