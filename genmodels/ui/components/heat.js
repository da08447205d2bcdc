// How a number is shown as a color: black, violet, orange, white, which also stand apart without color vision.
(() => {
  const STOPS = [[0, 0, 0], [70, 30, 130], [215, 85, 60], [255, 200, 90], [255, 255, 240]];
  const LEGEND_STEPS = 64;

  // [r, g, b] of a share of the largest value.
  function heatColor(share) {
    const at = Math.min(0.999, Math.max(0, share)) * (STOPS.length - 1), k = Math.floor(at);
    return STOPS[k].map((level, c) => level + (at - k) * (STOPS[k + 1][c] - level));
  }

  // Values, row by row, onto a canvas of exactly w x h pixels; `most` is the brightest.
  function paintHeat(canvas, values, w, h, most) {
    Object.assign(canvas, { width: w, height: h });
    const context = canvas.getContext('2d'), image = context.createImageData(w, h);
    values.forEach((value, i) => image.data.set([...heatColor(most ? value / most : 0), 255], 4 * i));
    context.putImageData(image, 0, 0);
  }

  // All colors from nothing to the most, from left to right.
  const paintHeatLegend = (canvas) => paintHeat(canvas, Array.from({ length: LEGEND_STEPS }, (_, i) => i), LEGEND_STEPS, 1,
    LEGEND_STEPS - 1);

  Object.assign(gm, { heatColor, paintHeat, paintHeatLegend });
})();
