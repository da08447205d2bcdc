// What codes look like: a code's stroke is the mean of the patches of pictures where the code stands, in a color of its
// own. No component by itself: the boards call this.
const MARGINS = [4, 3];  // pixels around a tile that belong to its stroke, by level
const GOLDEN_ANGLE = 137.508;
let strokes = [];  // by level and code, a canvas

// The color of a share of ink: of each code in its own hue, bright where there is ink.
function inkColors(code) {
  const hue = code * GOLDEN_ANGLE % 360;
  return Array.from({ length: 64 }, (_, i) => (
    `hsl(${hue.toFixed(0)} ${(45 + 20 * i / 63).toFixed(0)}% ${(14 + 80 * i / 63).toFixed(0)}%)`));
}

// Mean patches by level and code: pictures are gray levels, boards those that they are encoded to.
function meanPatches({ sizes, codes, height, width }, pictures, boards) {
  return sizes.map(([rows, columns], level) => {
    const tile = height / rows, margin = MARGINS[level], side = tile + 2 * margin;
    const sums = Array.from({ length: codes }, () => new Float64Array(side * side)), counts = new Uint32Array(codes);
    pictures.forEach((picture, n) => boards[n][level].forEach((code, at) => {
      const top = tile * Math.floor(at / columns) - margin, left = tile * (at % columns) - margin;
      counts[code]++;
      for (let i = 0; i < side * side; i++) {
        const y = top + Math.floor(i / side), x = left + i % side;
        if (y >= 0 && x >= 0 && y < height && x < width) sums[code][i] += picture[y * width + x];
      }
    }));
    return { side, means: sums.map((sum, code) => sum.map((value) => value / Math.max(1, counts[code]))) };
  });
}

function strokeCanvas(mean, side, most, colors) {
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const context = canvas.getContext('2d');
  mean.forEach((value, i) => {
    context.fillStyle = colors[Math.min(63, Math.round(63 * value / most))];
    context.fillRect(i % side, Math.floor(i / side), 1, 1);
  });
  return canvas;
}

return {
  // Learn what a network's codes look like from its pictures.
  learn(network, pictures) {
    const boards = pictures.map((picture) => network.encode(picture));
    strokes = meanPatches(network, pictures, boards).map(({ side, means }) => {
      const most = Math.max(1, ...means.map((mean) => Math.max(...mean)));
      return means.map((mean, code) => strokeCanvas(mean, side, most, inkColors(code)));
    });
  },

  // Draw a code's stroke.
  draw(context, level, code, x, y, side) {
    context.imageSmoothingEnabled = false;
    context.drawImage(strokes[level][code], x, y, side, side);
  },
};
