// What components offer to be taken away, and ZIP files made in the page.
(() => {
  const offers = [];  // { element, make }

  const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  const crc32 = (bytes) => ~bytes.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;

  // Numbers as little-endian bytes: [value, size] each.
  function pack(...fields) {
    return Uint8Array.from(fields.flatMap(([value, size]) => (
      Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255))));
  }

  Object.assign(gm, {
    // Offer an element's picture. make(): { title: words, file: name without a suffix, and of these what there is:
    // sheet (see gm.sheetBlob), gif(): bytes, latents(): a promise of { model, rows } }; or null, while there is none.
    offer(element, make) { offers.push({ element, make }); },

    // What is offered by the elements in sight.
    offers: () => offers.filter(({ element }) => gm.isSeen(element)).map(({ make }) => make()).filter(Boolean),

    // A ZIP file of contents, bytes by name, not compressed. (PKWARE, APPNOTE.TXT, 4.3)
    zip(contents) {
      const VERSION = 20, UTF8 = 0x800, FIRST_DAY = 0x21;  // 1980-01-01: the same contents give the same file
      const parts = [], directory = [];
      let offset = 0;
      for (const [name, bytes] of Object.entries(contents)) {
        const title = new TextEncoder().encode(name);
        const facts = [[VERSION, 2], [UTF8, 2], [0, 2], [0, 2], [FIRST_DAY, 2], [crc32(bytes), 4], [bytes.length, 4],
          [bytes.length, 4], [title.length, 2], [0, 2]];
        parts.push(pack([0x04034b50, 4], ...facts), title, bytes);
        const rest = [[0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]];
        directory.push(pack([0x02014b50, 4], [VERSION, 2], ...facts, ...rest), title);
        offset += 30 + title.length + bytes.length;
      }
      const size = directory.reduce((sum, part) => sum + part.length, 0), count = directory.length / 2;
      const end = pack([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2]);
      return new Blob([...parts, ...directory, end], { type: 'application/zip' });
    },
  });
})();
