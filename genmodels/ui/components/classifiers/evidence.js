// What speaks in a picture for one class against another, and how that is painted. No component by itself:
// classifiers.js calls this.
const FOR = [255, 165, 70], AGAINST = [95, 175, 255];
const INK = 0.35;  // how bright the drawing stays below its evidence
const CONTRAST = 0.7;  // exponent of an evidence's share of the largest one
const PATCH = 4, STRIDE = 2;  // pixels
const FRAME_MS = 8;  // of a frame, for occlusion

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

// Signed values as colors, as bright as they are a share of `most`; over the drawing's gray levels, if there are any.
function paintSigned(canvas, values, width, height, most, levels) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d'), image = context.createImageData(width, height);
  values.forEach((value, i) => {
    const share = most ? Math.min(1, Math.abs(value) / most) ** CONTRAST : 0, color = value > 0 ? FOR : AGAINST;
    const ink = levels ? INK * levels[i] : 0;
    image.data.set([...color.map((level) => ink + (level - ink) * share), 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

// Of a sum over pixels: what each pixel adds to the logit of `one` beyond what it adds to that of `other`. With the
// difference of the constants it sums to the difference of the logits.
function ofPixels(classifier, levels, [one, other]) {
  const against = classifier.evidence(levels, other);
  return classifier.evidence(levels, one).map((value, i) => value - against[i]);
}

// Of any classifier, by occlusion (Zeiler & Fergus 2014, arXiv:1311.2901): by how much the logit of `one` over that of
// `other` falls when a patch is made black, for each pixel the mean over the patches that cover it. Where a patch holds
// no ink nothing changes. A few patches a frame; isWanted() says whether to go on. Resolves to null if not.
async function byOcclusion(classifier, levels, [one, other], isWanted) {
  const { width, height } = classifier.plan, sums = new Float64Array(width * height);
  const counts = new Uint8Array(width * height);
  const lead = (pixels) => {
    const logits = classifier.logits(pixels);
    return logits[one] - logits[other];
  };
  const whole = lead(levels);
  let end = performance.now() + FRAME_MS;
  for (let y = 0; y + PATCH <= height; y += STRIDE) {
    for (let x = 0; x + PATCH <= width; x += STRIDE) {
      const places = Array.from({ length: PATCH * PATCH }, (_, i) => (y + Math.floor(i / PATCH)) * width + x + i % PATCH);
      let fall = 0;
      if (places.some((i) => levels[i])) {
        const occluded = levels.slice();
        places.forEach((i) => { occluded[i] = 0; });
        fall = whole - lead(occluded);
      }
      places.forEach((i) => { sums[i] += fall; counts[i]++; });
      if (performance.now() < end) continue;
      await new Promise(requestAnimationFrame);
      if (!isWanted()) return null;
      end = performance.now() + FRAME_MS;
    }
  }
  return sums.map((sum, i) => sum / Math.max(1, counts[i]));
}

return { paintSigned, largest, ofPixels, byOcclusion };
