// The form of the page's address: a letter for each key, latents as packed base64. What cannot be read is left out and
// named.
(() => {
  const Z_UNIT = 1000;  // latents are rounded to thousandths, as the sliders and the board do
  const whole = (low, high) => ({
    write: String,
    read: (text) => (
      /^-?\d{1,9}$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined),
  });
  const matching = (pattern) => ({ write: String, read: (text) => (pattern.test(text) ? text : undefined) });
  const list = (pattern) => ({
    write: (items) => items.join(','),
    read: (text) => (text.split(',').every((item) => pattern.test(item)) ? text.split(',') : undefined),
  });

  const packBytes = (bytes) => (
    btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''));

  function unpackBytes(text) {
    if (!/^[\w-]{2,4000}$/.test(text)) return undefined;
    try {
      return gm.decodeBase64(text.replace(/-/g, '+').replace(/_/g, '/'));
    } catch {
      return undefined;
    }
  }

  const packLatents = (z) => packBytes(new Uint8Array(Int16Array.from(z, (v) => Math.round(v * Z_UNIT)).buffer));

  function unpackLatents(text) {
    const bytes = unpackBytes(text);
    return bytes && bytes.length % 2 === 0 ? [...new Int16Array(bytes.buffer)].map((v) => v / Z_UNIT) : undefined;
  }

  const EMPTY = 255;  // the byte of a tile without a code, which is -1 elsewhere
  const codes = {
    write: (list) => packBytes(list.map((code) => (code < 0 ? EMPTY : code))),
    read(text) {
      const bytes = unpackBytes(text);
      return bytes && [...bytes].map((byte) => (byte === EMPTY ? -1 : byte));
    },
  };

  const NAME = /^[\w-]{1,40}$/;
  const SETUP = /^(original|nonsaturating|relativistic|vae)(-(r1|r2|[gdbw]\d{1,3}))*$/;  // see live_setup.js
  const activity = {
    write: String, read: (text) => (Object.values(gm.groups).flat().includes(text) ? text : undefined) };
  const share = {
    write: (v) => v.toFixed(2), read: (text) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? Number(text) : undefined) };
  const tenths = (high) => ({
    write: (v) => v.toFixed(1),
    read: (text) => (/^\d(\.\d)?$/.test(text) && Number(text) <= high ? Number(text) : undefined),
  });
  // In the order in which components depend on each other, and in which they stand in the address.
  const FIELDS = {
    activity: ['a', activity],
    model: ['m', matching(NAME)],
    category: ['c', whole(-1, 999)],
    count: ['n', whole(1, 999)],
    seed: ['s', matching(/^\d{1,20}$/)],
    truncation: ['p', share],
    index: ['i', whole(0, 999)],
    text: ['t', matching(/^.{1,40}$/u)],
    caption: ['q', matching(/^.{1,120}$/u)],
    style: ['y', whole(0, 9)],
    vary: ['v', matching(NAME)],
    rows: ['r', whole(1, 99)],
    steps: ['e', whole(1, 50)],
    guidance: ['g', tenths(5)],
    time: ['f', share],
    training: ['l', share],
    code: ['k', whole(0, 999)],
    view: ['u', matching(NAME)],
    points: ['o', matching(/^(ring|grid|spiral|moons|drawn)$/)],
    drawing: ['own', { write: packLatents, read: unpackLatents }],
    setups: ['nets', list(SETUP)],
    until: ['j', whole(0, 99999)],
    rival: ['rival', matching(NAME)],
    trained: ['trained', whole(0, 999999999)],
    digit: ['digit', whole(-1, 9)],
    models: ['models', list(NAME)],
    round: ['round', whole(0, 999999)],
    clouds: ['d', { write: packLatents, read: unpackLatents }],
    latents: ['z', { write: packLatents, read: unpackLatents }],
    codes: ['x', codes],
    body: ['b', { write: packLatents, read: unpackLatents }],
    weights: ['w', matching(/^[0-9a-f]{8}$/)],
    hide: ['h', list(NAME)],
    scene: ['scene', matching(NAME)],
    present: ['present', whole(1, 1)],
  };

  gm.address = {
    KEYS: Object.keys(FIELDS),

    // '#a=...&m=...' of values by key.
    write(values) {
      const found = Object.entries(FIELDS).filter(([key]) => values[key] !== undefined && values[key] !== null);
      return '#' + found.map(([key, [letter, form]]) => (
        letter + '=' + encodeURIComponent(form.write(values[key])).replace(/%2C/g, ','))).join('&');
    },

    // { values by key, refused: the parts that could not be read }.
    read(hash) {
      const values = {}, refused = [], letters = Object.entries(FIELDS).map(([key, field]) => [field[0], key]);
      const keys = Object.fromEntries(letters);
      for (const [letter, text] of new URLSearchParams(hash.slice(1))) {
        const key = keys[letter], value = key && FIELDS[key][1].read(text);
        if (value === undefined) refused.push(letter);
        else values[key] = value;
      }
      return { values, refused };
    },
  };
})();
