// Reads tensors from a weights.safetensors file, in half or single precision.
(() => {
  const HEADER_BYTES = 16384;  // fetched first; nearly always holds the whole header

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

    // The named tensors, float32: fetches the file's header, then the one range that holds them all.
    async fetchTensors(url, names) {
      const fetchRange = async (from, to) => {
        const response = await fetch(url, { headers: { Range: 'bytes=' + from + '-' + (to - 1) } });
        if (!response.ok) throw new Error('weights: ' + response.status);
        const bytes = await response.arrayBuffer();
        return response.status === 206 ? bytes : bytes.slice(from, to);
      };
      let head = await fetchRange(0, HEADER_BYTES);
      const length = Number(new DataView(head).getBigUint64(0, true)), data = 8 + length;
      if (data > head.byteLength) head = await fetchRange(0, data);
      const header = JSON.parse(new TextDecoder().decode(new Uint8Array(head, 8, length)));
      const entries = names.map((name) => header[name]);
      if (entries.some((entry) => !entry || !DECODERS[entry.dtype])) throw new Error('weights: no known precision');
      const starts = entries.map((entry) => entry.data_offsets[0]), ends = entries.map((entry) => entry.data_offsets[1]);
      const from = Math.min(...starts), bytes = await fetchRange(data + from, data + Math.max(...ends));
      return Object.fromEntries(names.map((name, i) => (
        [name, DECODERS[entries[i].dtype](bytes.slice(starts[i] - from, ends[i] - from))])));
    },
  });
})();
