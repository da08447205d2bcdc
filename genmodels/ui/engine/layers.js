// The layers of a plan as calls of the runtime's loop.
//
// Feature maps are stored channels-last (HWC) with a border of zeros one pixel wide, so that convolutions need no bounds
// checks. The channel count is padded to a multiple of four, the width of a SIMD vector. The images of a batch lie one
// after the other: the loop takes each weight to several places at once, of one image or of more.
gm.engineParts.push((engine) => {
  const { PANEL, alloc, upload } = engine;
  const pad4 = (n) => (n + 3) & ~3;
  const range = (n) => Array.from({ length: n }, (_, i) => i);

  // ---- Weights

  // Weights in the order in which the kernel reads them: panels of 8 (then 4) outputs, in each tap after tap, channel
  // after channel. get(output, tap, channel); the outputs that pad the last panel are zero.
  function packWeights(runtime, outputs, taps, channels, get) {
    const packed = new Float32Array(pad4(outputs) * taps * channels);
    for (let o = 0, at = 0; o < pad4(outputs);) {
      const panel = pad4(outputs) - o >= PANEL ? PANEL : 4;
      for (let t = 0; t < taps; t++) {
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < panel; k++, at++) if (o + k < outputs) packed[at] = get(o + k, t, c);
        }
      }
      o += panel;
    }
    return upload(runtime, packed);
  }

  // Biases padded like the outputs; index(output) is its place in `bias`.
  function packBias(runtime, bias, outputs, index = (o) => o) {
    const padded = new Float32Array(pad4(outputs));
    for (let o = 0; o < outputs; o++) padded[o] = bias[index(o)];
    return upload(runtime, padded);
  }

  // ---- Tensors and layers: each layer appends its kernel calls to `calls` and returns its output tensor

  // A tensor: `start` points at its first value; rows, pixels and the images of a batch are `row`, `step` and `image`
  // floats apart. `room`: the values of a vector, with those that are appended to it.
  function allocVector(runtime, batch, length, room = 0) {
    const step = pad4(Math.max(length, room)), start = alloc(runtime, batch * step);
    new Float32Array(runtime.memory.buffer, start, batch * step).fill(0);
    return { isMap: false, batch, height: 1, width: 1, step, row: step, image: step, start };
  }

  function allocFeatureMap(runtime, batch, channels, height, width) {
    const step = pad4(channels), row = step * (width + 2), image = row * (height + 2);
    const pointer = alloc(runtime, batch * image);
    new Float32Array(runtime.memory.buffer, pointer, batch * image).fill(0);
    return { isMap: true, batch, height, width, step, row, image, start: pointer + 4 * (row + step) };
  }

  // The places of a layer, image after image, row after row: where each reads and where it writes. The kernel's last
  // arguments but two: a pointer, and the number of places in an image.
  function place(runtime, batch, rows, columns, readAt, writeAt) {
    const places = [];
    for (let i = 0; i < batch; i++) {
      for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) places.push(readAt(i, y, x), writeAt(i, y, x));
    }
    return [upload(runtime, new Int32Array(places)), rows * columns];
  }

  // room: the inputs of the layer after this one, if that is linear.
  function linear(runtime, calls, layer, input, weight, bias, room) {
    const { inputs, outputs, slope } = layer, { batch, height: rows, width: columns } = input;
    // An input that is a feature map is read pixel by pixel; torch counts it channel by channel.
    const count = input.isMap ? rows * columns : 1, channels = inputs / count;
    const taps = upload(runtime, new Int32Array(
      range(count).map((t) => Math.floor(t / columns) * input.row + (t % columns) * input.step)));
    const add = (output, start, pixel, pixels) => {
      const index = (o) => o * pixels + pixel;
      calls.push([input.start, taps, count, channels,
        packWeights(runtime, outputs / pixels, count, channels, (o, t, c) => weight[index(o) * inputs + c * count + t]),
        packBias(runtime, bias, outputs / pixels, index), start,
        ...place(runtime, batch, 1, 1, (i) => i * input.image, (i) => i * output.image), pad4(outputs / pixels), slope]);
    };
    if (!layer.height) {
      const output = allocVector(runtime, batch, outputs, room);
      add(output, output.start, 0, 1);
      return output;
    }
    // The output is reshaped to a feature map, which torch counts channel by channel: one small layer for each pixel.
    const { channels: maps, height, width } = layer, output = allocFeatureMap(runtime, batch, maps, height, width);
    for (let p = 0; p < height * width; p++) {
      add(output, output.start + 4 * (Math.floor(p / width) * output.row + (p % width) * output.step), p, height * width);
    }
    return output;
  }

  // Kernel of `side` x `side`, one output for every `stride` pixels.
  const convolution = (side, stride, padding = 1) => (runtime, calls, layer, input, weight, bias) => {
    const { inputs, outputs, slope } = layer, [height, width] = [input.height / stride, input.width / stride];
    const count = side * side, output = allocFeatureMap(runtime, input.batch, outputs, height, width);
    const taps = range(count).map((t) => (
      (Math.floor(t / side) - padding) * input.row + (t % side - padding) * input.step));
    calls.push([input.start, upload(runtime, new Int32Array(taps)), count, inputs,
      packWeights(runtime, outputs, count, inputs, (o, t, c) => weight[(o * inputs + c) * count + t]),
      packBias(runtime, bias, outputs), output.start,
      ...place(runtime, input.batch, height, width,
        (i, y, x) => i * input.image + stride * (y * input.row + x * input.step),
        (i, y, x) => i * output.image + y * output.row + x * output.step), pad4(outputs), slope]);
    return output;
  };

  // 4x4, stride 2, padding 1. A transposed convolution is four 2x2 convolutions, one per position in a 2x2 block of
  // output pixels: for an even row, kernel row 1 meets the input row of the same number and 3 the one before; for an odd
  // row, 2 the same and 0 the one after. (Dumoulin & Visin 2016, arXiv:1603.07285, section 4.)
  const PHASE_TAPS = [[[1, 0], [3, -1]], [[2, 0], [0, 1]]];  // [kernel index, input offset] for even and odd

  function convTranspose(runtime, calls, layer, input, weight, bias) {
    const { inputs, outputs, slope } = layer, { batch, height, width } = input;
    const output = allocFeatureMap(runtime, batch, outputs, 2 * height, 2 * width);
    const sharedBias = packBias(runtime, bias, outputs);
    const places = place(runtime, batch, height, width, (i, y, x) => i * input.image + y * input.row + x * input.step,
      (i, y, x) => i * output.image + 2 * (y * output.row + x * output.step));
    for (let py = 0; py < 2; py++) {
      for (let px = 0; px < 2; px++) {
        const taps = PHASE_TAPS[py].flatMap(([ky, dy]) => PHASE_TAPS[px].map(([kx, dx]) => ({ k: 4 * ky + kx, dy, dx })));
        const offsets = new Int32Array(taps.map(({ dy, dx }) => dy * input.row + dx * input.step));
        calls.push([input.start, upload(runtime, offsets), 4, inputs,
          packWeights(runtime, outputs, 4, inputs, (o, t, c) => weight[(c * outputs + o) * 16 + taps[t].k]), sharedBias,
          output.start + 4 * (py * output.row + px * output.step), ...places, pad4(outputs), slope]);
      }
    }
    return output;
  }

  // Pools are no products: the output tensor has a function, which fills it for the first n images. windows(from, to) are
  // the first input and the one after the last of each of `to` outputs along a side; reduce(values' sum, their maximum,
  // their number) makes an output.
  const pool = (windows, reduce) => (runtime, calls, layer, input) => {
    const { outputs: channels, height, width } = layer;
    const output = allocFeatureMap(runtime, input.batch, channels, height, width);
    const rows = windows(input.height, height), columns = windows(input.width, width);
    output.pool = (n) => {
      const f = new Float32Array(runtime.memory.buffer);
      for (let i = 0; i < n; i++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const [y0, y1] = rows[y], [x0, x1] = columns[x];
            for (let c = 0; c < channels; c++) {
              let [sum, most] = [0, -Infinity];
              for (let row = y0; row < y1; row++) {
                for (let column = x0; column < x1; column++) {
                  const value = f[(input.start >> 2) + i * input.image + row * input.row + column * input.step + c];
                  sum += value;
                  if (value > most) most = value;
                }
              }
              f[(output.start >> 2) + i * output.image + y * output.row + x * output.step + c] = (
                reduce(sum, most, (y1 - y0) * (x1 - x0)));
            }
          }
        }
      }
    };
    return output;
  };
  const maxPool = pool((from, to) => range(to).map((i) => [2 * i, 2 * i + 2]), (sum, most) => most);
  const meanPool = pool((from, to) => (  // windows as torch's adaptive pooling has them
    range(to).map((i) => [Math.floor(i * from / to), Math.ceil((i + 1) * from / to)])), (sum, most, n) => sum / n);

  const LAYERS = { linear, conv: convolution(3, 1), conv_point: convolution(1, 1, 0), conv_down: convolution(4, 2),
    conv_transpose: convTranspose, max_pool: maxPool, mean_pool: meanPool };

  Object.assign(engine, { LAYERS, allocVector, allocFeatureMap });
});
