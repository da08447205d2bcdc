// What the components' scripts share. Images are uint8, row by row, a byte per pixel, or three where they are in color;
// 0 is background. Gradio sends them as base64, our own routes as raw bytes. Their shape is [n, h, w] or [n, h, w, 3].
Object.assign(gm, {
  decodeBase64(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  },

  // An image onto a canvas of exactly w x h pixels, which CSS scales up with sharp edges.
  paint(canvas, bytes, w, h) {
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    const context = canvas.getContext('2d'), image = context.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer), channels = bytes.length / pixels.length;
    const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
    for (let i = 0, k = 0; i < pixels.length; i++, k += channels) {
      pixels[i] = 0xff000000 | (bytes[k + blue] << 16) | (bytes[k + green] << 8) | bytes[k];
    }
    context.putImageData(image, 0, 0);
  },

  // An SVG element, in a parent where one is given.
  svg(name, attributes, parent) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  },

  // Whether an element is in an activity that is open; also one without a box of its own, whose parts are laid out as its
  // parent's.
  isSeen(element) {
    let box = element;
    while (box.parentElement && getComputedStyle(box).display === 'contents') box = box.parentElement;
    return box.offsetParent !== null;
  },

  // The bytes of image i of images of a shape.
  imageAt(pixels, [, ...size], i) {
    const length = size.reduce((a, b) => a * b, 1);
    return pixels.subarray(i * length, (i + 1) * length);
  },

  // gradio listens to events from some moment after the components are there; what asks the server waits for it.
  listening: false,
  listeners: [],
  whenListening(act) {
    if (gm.listening) act();
    else gm.listeners.push(act);
  },
  listen() {
    gm.listening = true;
    gm.listeners.splice(0).forEach((act) => act());
  },

  // What each component's js_on_load calls, once the page's script is there: runs the script of its folder. A large
  // first value is a file of the page. gradio may put the file's name back in its place at any time, when another of the
  // properties changes, so that the script always sees the file's content there.
  async mountNow(name, element, props, trigger, server, watch) {
    const { $file: file } = props.value || {};
    const content = file && await gm.fetchJson('file/' + file);
    const view = file ? new Proxy(props, {
      get: (target, key) => (key === 'value' && target.value && target.value.$file === file ? content : target[key]),
      set: (target, key, value) => { target[key] = value; return true; },
    }) : props;
    gm.components[name](element, view, trigger, server, watch);
  },

  async fetchJson(path) {
    const response = await fetch(gm.root + path), answer = await response.json();
    if (!response.ok) throw new Error(answer.error || response.status);
    return answer;
  },

  // Whether the server can be reached: it is asked for what the page has already.
  serverAnswers() {
    const { src } = document.querySelector(`script[src^="${gm.root}file/"]`);
    return fetch(src, { method: 'HEAD', cache: 'no-store' }).then(({ ok }) => ok, () => false);
  },

  // Images that the server generates, as raw bytes, for each of a few payloads in one request: { images, serverMs },
  // where images holds { bytes, shape } per payload and serverMs is the server's time for all; or { error }, the
  // words of a message for the visitor.
  async fetchImages(action, payloads) {
    const noAnswer = { key: 'error.no_answer' };
    try {
      const response = await fetch(gm.root + 'generate/' + action, { method: 'POST', body: JSON.stringify(payloads) });
      if (!response.ok) return { error: (await response.json()).words || noAnswer };  // a host's may have none
      const shapes = response.headers.get('X-Shape').split(';');
      const serverMs = Number(/dur=([\d.]+)/.exec(response.headers.get('Server-Timing'))[1]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      let end = 0;
      const images = shapes.map((shape) => {
        const sizes = shape.split(',').map(Number), start = end;
        end += sizes.reduce((a, b) => a * b, 1);
        return { bytes: bytes.subarray(start, end), shape: sizes };
      });
      return { images, serverMs, waiting: Number(response.headers.get('X-Waiting')) };
    } catch (error) {
      return { error: noAnswer };
    }
  },

  // The latents that the server decodes for a payload of "sample", as it is without truncation: { rows, categories }, an
  // array of numbers and an index for each image (0 where the model has no categories).
  async fetchLatents({ model, count, seed, category }, dim) {
    const rows = await gm.fetchRows('latents', { model, count, seed, category });
    return { rows: rows.map((row) => row.subarray(0, dim)), categories: rows.map((row) => row[dim] || 0) };
  },

  // The latents that a call of a latents endpoint answers with: an array of numbers for each image.
  async fetchRows(action, call) {
    const response = await fetch(gm.root + 'generate/' + action, { method: 'POST', body: JSON.stringify([call]) });
    if (!response.ok) throw new Error(action + ': ' + response.status);
    const values = new Float32Array(await response.arrayBuffer());
    const width = Number(response.headers.get('X-Shape').split(',')[1]);
    return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
  },

  // Requests for calls that may come faster than they are answered, such as slider input. Returns a function of one
  // argument `args`; toPayload(args) is what is sent, onResult(images or { error }, args) receives the answer.
  //
  // Enough payloads are in flight to fill the round trip at one per screen frame, so that a drag stays smooth on a slow
  // network, while a nearby server computes nothing that would not be seen. When that takes more than the browser's
  // connections, two payloads share a request. Payloads that cannot be sent in time are dropped, except the last one;
  // results that arrive after a newer one are discarded. A result says how it came: ``ms`` from sending it, and
  // ``others``, how many of other visitors' requests waited for the server's models.
  streamRequests(action, toPayload, onResult) {
    const FRAME_MS = 1000 / 60, MAX_IN_FLIGHT = 8, MAX_BATCH = 2;
    const MAX_OPEN_REQUESTS = 5;  // browsers open six connections per server; gradio's page keeps one
    // rtt: the recent minimum round trip in ms, without the server's time, which more requests would not hide.
    let queue = [], openRequests = 0, inFlight = 0, lastSent = 0, lastDelivered = 0, rtt = Infinity;
    const capacity = () => (
      Number.isFinite(rtt) ? Math.min(MAX_IN_FLIGHT, Math.max(2, Math.ceil(rtt / FRAME_MS))) : 2);
    const deliver = (number, result, args) => {
      if (number <= lastDelivered) return;
      lastDelivered = number;
      onResult(result, args);
    };
    const sendNext = async () => {
      const free = capacity() - inFlight;
      if (!queue.length || openRequests >= MAX_OPEN_REQUESTS || free < 1) return;
      const batch = queue.splice(0, free), first = lastSent + 1, last = lastSent += batch.length;
      const start = performance.now();
      openRequests++;
      inFlight += batch.length;
      const answer = await gm.fetchImages(action, batch.map(toPayload));
      openRequests--;
      inFlight -= batch.length;
      if (answer.error) {
        deliver(last, answer, batch[batch.length - 1]);
      } else {
        const ms = performance.now() - start, others = Math.max(0, answer.waiting - inFlight);
        rtt = Math.min(ms - answer.serverMs, 1.3 * rtt);  // may grow again, slowly
        batch.forEach((args, i) => {
          const deliverOne = () => deliver(first + i, { ...answer.images[i], ms, others }, args);
          if (i === 0) deliverOne();
          else requestAnimationFrame(() => setTimeout(deliverOne));  // let the previous one be painted first
        });
      }
      sendNext();
    };
    return (args) => {
      queue.push(args);
      while (queue.length > (capacity() > MAX_OPEN_REQUESTS ? MAX_BATCH : 1)) queue.shift();
      sendNext();
    };
  },

  // What is typed into an input, read by the server: ask(text) gives { value }, or { error, words } where the text is
  // wrong. accept(value, entered) receives each value, ``entered`` after Enter. What is wrong is said in the element
  // ``message`` once the typing pauses, and no longer than until the text is right. Returns read(), for when the input
  // was filled by a script, and clear(), for when what was typed counts no more.
  typed(input, message, ask, accept) {
    const PAUSE_MS = 400;
    let reading = 0, timer = null, entered = false;
    const say = (words) => {
      gm.setWords(message, words);
      if (words) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    };
    const read = async (pause = 0) => {
      const mine = ++reading;
      clearTimeout(timer);
      const answer = await ask(input.value).catch(() => ({ error: true, words: { key: 'error.no_answer' } }));
      if (mine !== reading) return;
      if (answer.error) {
        timer = setTimeout(say, pause, answer.words);
      } else {
        say('');
        accept(answer.value, entered);
      }
      entered = false;
    };
    input.addEventListener('input', () => read(PAUSE_MS));
    input.addEventListener('change', () => read());
    input.addEventListener('beforeinput', ({ inputType }) => {  // Enter, on on-screen keyboards too
      if (inputType !== 'insertLineBreak') return;
      entered = true;
      read();
    });
    return { read, clear() { reading++; clearTimeout(timer); say(''); } };
  },

  // Images { pixels, shape, columns, scale } on one sheet, as a PNG file; each pixel becomes a scale x scale
  // square. The layout is that of make_grid in images.py.
  sheetBlob({ pixels, shape, columns, scale }) {
    const [n, h, w] = shape, gap = 2, rows = Math.ceil(n / columns);
    const sheet = document.createElement('canvas'), tile = document.createElement('canvas');
    sheet.width = gap + columns * (w + gap);
    sheet.height = gap + rows * (h + gap);
    const context = sheet.getContext('2d');
    context.fillRect(0, 0, sheet.width, sheet.height);
    for (let i = 0; i < n; i++) {
      gm.paint(tile, gm.imageAt(pixels, shape, i), w, h);
      context.drawImage(tile, gap + (i % columns) * (w + gap), gap + Math.floor(i / columns) * (h + gap));
    }
    const scaled = document.createElement('canvas');
    scaled.width = sheet.width * scale;
    scaled.height = sheet.height * scale;
    const scaledContext = scaled.getContext('2d');
    scaledContext.imageSmoothingEnabled = false;
    scaledContext.drawImage(sheet, 0, 0, scaled.width, scaled.height);
    return new Promise((resolve) => scaled.toBlob(resolve, 'image/png'));
  },

  downloadBlob(blob, fileName) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  },
});
