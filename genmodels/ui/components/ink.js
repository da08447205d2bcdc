// Ink that is drawn in the page, as the models take it.
(() => {
  const BOX = 20, SIDE = 28;  // the ink of a digit of MNIST, and the image around it
  const FAINTEST = 0.08;  // of the strongest ink; what is fainter belongs to the paper

  // To the nearest whole number, halves to the even one, as Python and numpy do.
  const round = (value) => Uint8ClampedArray.of(value)[0];

  // For each of `to` pixels the first of the `from` pixels that it is the mean of, and the one after the last: the box
  // filter of Pillow.
  function windows(from, to) {
    const scale = from / to;
    return Array.from({ length: to }, (_, i) => {
      const center = (i + 0.5) * scale;
      let [first, end] = [Math.floor(center - scale / 2 + 0.5), Math.min(from, Math.floor(center + scale / 2 + 0.5))];
      if ((first - center + 0.5) / scale <= -0.5) first++;
      return [first, end];
    });
  }

  // White ink on a black canvas as MNIST frames digits: images.py's center_by_mass(). SIDE x SIDE gray levels, or null
  // without ink.
  function frameInk(context) {
    const { width, height } = context.canvas;
    const colors = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    let [left, right, top, bottom] = [width, -1, height, -1];
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if ((colors[i] & 255) <= 255 * FAINTEST) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = y;
      }
    }
    if (right < 0) return null;
    const sides = [bottom + 1 - top, right + 1 - left], scale = BOX / Math.max(...sides);
    const [h, w] = sides.map((side) => Math.max(1, round(side * scale)));
    const rows = windows(sides[0], h), columns = windows(sides[1], w), small = new Float32Array(h * w);
    let [mass, atY, atX, strongest] = [0, 0, 0, 0];
    rows.forEach(([y0, y1], row) => columns.forEach(([x0, x1], column) => {
      let sum = 0;
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += colors[(top + y) * width + left + x] & 255;
      const level = sum / ((y1 - y0) * (x1 - x0));
      small[row * w + column] = level;
      mass += level;
      atY += level * row;
      atX += level * column;
      strongest = Math.max(strongest, level);
    }));
    const place = (at, side) => Math.min(Math.max(0, round((SIDE - 1) / 2 - at / mass)), SIDE - side);
    const [y, x] = [place(atY, h), place(atX, w)], levels = new Uint8ClampedArray(SIDE * SIDE);
    for (let i = 0; i < h * w; i++) {
      levels[(y + Math.floor(i / w)) * SIDE + x + i % w] = small[i] * 255 / Math.max(1, strongest);
    }
    return levels;
  }

  // Calls act(levels) with what the Sketchpad's pen has drawn so far, once a frame of the screen, while wanted() is true.
  // Returns isLatest(number): whether an answer to that stroke, or to no stroke, has not been overtaken by the pen.
  function followPen(wanted, act) {
    let stroke = null, waiting = false;
    document.addEventListener('gm-stroke', ({ detail }) => {
      stroke = detail;
      if (!stroke || waiting || !wanted()) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        const levels = stroke && frameInk(stroke.context);
        if (levels) act(levels);
      });
    });
    return (number) => !stroke || stroke.number === number;
  }

  // A stroke's part on a canvas, in white; a dot where it has no length.
  function drawInk(context, from, to, width) {
    Object.assign(context, { strokeStyle: '#fff', fillStyle: '#fff', lineWidth: width, lineCap: 'round' });
    context.beginPath();
    context.arc(...to, width / 2, 0, 2 * Math.PI);
    context.fill();
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  // A canvas as a small pad for one digit. drawn(levels, isComplete): gray levels as frameInk() gives them, null without
  // ink, once a frame of the screen while the pen is down, and after each stroke. Returns { clear(), show(levels) }; what
  // is shown is replaced by the first stroke.
  function inkPad(canvas, lineWidth, drawn) {
    const context = canvas.getContext('2d', { willReadFrequently: true });
    let isShown = false, waiting = null;
    function clear() {
      context.fillStyle = '#000';
      context.fillRect(0, 0, canvas.width, canvas.height);
      isShown = false;
    }
    function tell(isComplete) {
      cancelAnimationFrame(waiting);
      waiting = null;
      drawn(frameInk(context), isComplete);
    }
    gm.followPointer(canvas, {
      size: () => [canvas.width, canvas.height],
      begin() { if (isShown) clear(); },
      draw(from, to) {
        drawInk(context, from, to, lineWidth);
        if (waiting === null) waiting = requestAnimationFrame(() => tell(false));
      },
      end() { tell(true); },
    });
    clear();
    return {
      clear,
      show(levels) {
        const small = document.createElement('canvas');
        gm.paint(small, levels, SIDE, SIDE);
        clear();
        context.imageSmoothingEnabled = false;
        context.drawImage(small, 0, 0, canvas.width, canvas.height);
        isShown = true;
      },
    };
  }

  Object.assign(gm, { INK_SIDE: SIDE, frameInk, followPen, inkPad });
})();
