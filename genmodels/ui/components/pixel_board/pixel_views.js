// How the board shows a picture { run, white, logits }: its pixels, the map beside it, and the sentence on one of them.
// No component by itself: the board calls this with its own element.
const find = (selector) => element.querySelector(selector);
const image = find('.gm-pixel-image'), heat = find('.gm-pixel-heat');
const UNDECIDED = 56;  // gray level
const MAX_SURPRISE = 4;  // nats, at the end of the color scale
const KINDS = {  // of maps: words, and colors from low to high
  probability: {
    words: 'pixels.map.probability', low: 'pixels.map.probability.low', high: 'pixels.map.probability.high',
    scale: [[12, 24, 68], [38, 92, 158], [60, 160, 150], [190, 205, 90], [255, 246, 190]],
    share: (logit) => gm.pixels.sigmoid(logit),
  },
  surprise: {
    words: 'pixels.map.surprise', low: 'pixels.map.surprise.low', high: 'pixels.map.surprise.high',
    scale: [[16, 14, 20], [110, 28, 50], [214, 78, 32], [252, 176, 60], [255, 248, 214]],
    share: (logit, isWhite) => gm.pixels.surprise(logit, isWhite) / MAX_SURPRISE,
  },
};
let network = null, kind = KINDS.probability;

function color(share, scale) {
  const at = Math.min(1, Math.max(0, share)) * (scale.length - 1), k = Math.min(scale.length - 2, Math.floor(at));
  return scale[k].map((level, i) => Math.round(level + (at - k) * (scale[k + 1][i] - level)));
}

function paintHeat({ white, logits, run }) {
  const { width, height } = network, context = heat.getContext('2d'), pixels = context.createImageData(width, height);
  for (let i = 0; i < run.at; i++) pixels.data.set([...color(kind.share(logits[i], white[i]), kind.scale), 255], 4 * i);
  context.putImageData(pixels, 0, 0);
}

// of: a number of pixels from the first on that are decided.
const grayLevels = (white, of) => Uint8Array.from(white, (isWhite, i) => (i < of ? 255 * isWhite : UNDECIDED));

return {
  begin(found) {
    network = found;
    for (const canvas of [heat, image]) Object.assign(canvas, { width: network.width, height: network.height });
  },

  grayLevels,

  // decided: as for grayLevels; cursor: the pixel that is marked, or null.
  paint(one, decided, cursor) {
    const { width, height } = network;
    gm.paint(image, grayLevels(one.white, decided), width, height);
    paintHeat(one);
    for (const mark of element.querySelectorAll('.gm-pixel-cursor')) {
      mark.hidden = cursor === null;
      Object.assign(mark.style, { left: `${100 * (cursor % width) / width}%`, width: `${100 / width}%`,
        top: `${100 * Math.floor(cursor / width) / height}%`, height: `${100 / height}%` });
    }
  },

  // The sentence on a pixel; dice: of the picture, null where nobody threw any.
  sentence(one, at, dice) {
    const { width } = network, isWhite = one.white[at], logit = one.logits[at];
    const values = { row: Math.floor(at / width) + 1, column: at % width + 1 };
    if (at > one.run.at) return { key: 'pixels.pixel.later', values };
    if (at === one.run.at) {
      return { key: 'pixels.pixel.next', values: { ...values, probability: gm.pixels.sigmoid(one.run.logit()) } };
    }
    Object.assign(values, { probability: gm.pixels.sigmoid(logit), nats: gm.pixels.surprise(logit, isWhite) });
    if (!dice) return { key: isWhite ? 'pixels.pixel.drawn_white' : 'pixels.pixel.drawn_black', values };
    return { key: isWhite ? 'pixels.pixel.white' : 'pixels.pixel.black', values: { ...values, die: (dice[at] + 1) / 2 } };
  },

  setKind(name) {
    kind = KINDS[name];
    gm.setText(heat, kind.words, {}, 'aria-label');
    gm.setText(find('.gm-pixel-low'), kind.low);
    gm.setText(find('.gm-pixel-high'), kind.high, { nats: MAX_SURPRISE });
    find('figcaption').style.setProperty('--scale', kind.scale.map((rgb) => `rgb(${rgb})`).join());
  },
};
