// Reads tensors from a weights.safetensors file, in half or single precision.
(() => {
  // IEEE 754 half precision, by a table of all of its values: browsers know Float16Array only since 2025.
  let halfValues = null;
  function halfTable() {
    const table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) {
      const exponent = (bits >> 10) & 31, fraction = bits & 1023;
      const size = exponent === 31 ? (fraction ? NaN : Infinity)
        : exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
      table[bits] = bits & 32768 ? -size : size;
    }
    return table;
  }

  // Bytes of little-endian numbers -> Float32Array; tensors start at any byte.
  const DECODERS = {
    F16(bytes) {
      halfValues = halfValues || halfTable();
      return Float32Array.from(new Uint16Array(bytes), (bits) => halfValues[bits]);
    },
    F32: (bytes) => new Float32Array(bytes),
  };

  Object.assign(gm, {
    decodeHalf: DECODERS.F16,

    // The named tensors, float32, by the one range of a file that holds them all. places: for each its type, its first
    // byte and the one after its last.
    async fetchTensors(url, names, places) {
      const found = names.map((name) => places[name]);
      if (found.some((place) => !place || !DECODERS[place[0]])) throw new Error('weights: no known precision');
      const from = Math.min(...found.map((place) => place[1])), to = Math.max(...found.map((place) => place[2]));
      const response = await fetch(url, { headers: { Range: 'bytes=' + from + '-' + (to - 1) } });
      if (!response.ok) throw new Error('weights: ' + response.status);
      const bytes = await response.arrayBuffer(), skipped = response.status === 206 ? from : 0;
      if (bytes.byteLength < to - skipped) throw new Error('weights: cut off');
      return Object.fromEntries(names.map((name, i) => {
        const [type, start, end] = found[i];
        return [name, DECODERS[type](bytes.slice(start - skipped, end - skipped))];
      }));
    },
  });
})();
