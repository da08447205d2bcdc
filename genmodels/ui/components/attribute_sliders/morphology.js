// Properties of handwriting: morphology.py of the package, see there. pixels: gray levels, `height` rows of `width`.
const THRESHOLD = 127;  // gray levels above it are ink

function slant(pixels, width) {
  let [mass, atX, atY] = [0, 0, 0];
  pixels.forEach((level, i) => {
    mass += level;
    atX += level * (i % width);
    atY += level * Math.floor(i / width);
  });
  if (!mass) return 0;
  [atX, atY] = [atX / mass, atY / mass];
  let [mixed, upright] = [0, 0];
  pixels.forEach((level, i) => {
    const dx = i % width - atX, dy = Math.floor(i / width) - atY;
    mixed -= level * dx * dy;
    upright += level * dy * dy;
  });
  return upright ? mixed / upright : 0;
}

function thickness(pixels, width, height) {
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[y * width + x]);
  let [ink, edges] = [0, 0];
  for (let y = -1; y < height; y++) {
    for (let x = -1; x < width; x++) {
      ink += at(x, y);
      edges += Math.hypot(at(x, y + 1) - at(x, y), at(x + 1, y) - at(x, y));
    }
  }
  return edges ? 2 * ink / edges : 0;
}

// From the first to the last row or column, as placeOf(index) counts them, with ink.
function extent(pixels, placeOf) {
  let [first, last] = [Infinity, -Infinity];
  pixels.forEach((level, i) => {
    if (level <= THRESHOLD) return;
    first = Math.min(first, placeOf(i));
    last = Math.max(last, placeOf(i));
  });
  return last < first ? 0 : last - first + 1;
}

// Background that the ink encloses: what a flood from outside does not reach.
function holeArea(pixels, width, height) {
  const reached = new Uint8Array((width + 2) * (height + 2)), todo = [0];
  reached[0] = 1;
  while (todo.length) {
    const i = todo.pop(), x = i % (width + 2), y = Math.floor(i / (width + 2));
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      const [column, row] = [x + dx, y + dy], next = row * (width + 2) + column;
      if (column < 0 || row < 0 || column > width + 1 || row > height + 1 || reached[next]) continue;
      const inside = column > 0 && row > 0 && column <= width && row <= height;
      if (inside && pixels[(row - 1) * width + column - 1] > THRESHOLD) continue;
      reached[next] = 1;
      todo.push(next);
    }
  }
  let area = 0;
  pixels.forEach((level, i) => {
    if (level <= THRESHOLD && !reached[(Math.floor(i / width) + 1) * (width + 2) + i % width + 1]) area++;
  });
  return area;
}

return {
  slant, thickness, width: (pixels, w) => extent(pixels, (i) => i % w),
  height: (pixels, w) => extent(pixels, (i) => Math.floor(i / w)), 'hole area': holeArea,
};
