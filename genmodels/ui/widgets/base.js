// What the widgets' scripts share. Pictures are uint8, one byte a pixel, 0 is background; through gradio they come as
// base64, by our own routes as they are.
window.gm = {
  bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  },

  // Grey levels onto a canvas of exactly w x h pixels; CSS enlarges it with sharp edges.
  paint(canvas, bytes, w, h) {
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    const context = canvas.getContext('2d'), image = context.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) {
      const level = bytes[i];
      pixels[i] = 0xff000000 | (level << 16) | (level << 8) | level;
    }
    context.putImageData(image, 0, 0);
  },

  root: location.pathname.replace(/\/?$/, '/gm/'),  // where our own routes are

  async get(path) {
    const response = await fetch(gm.root + path), answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    return answer;
  },

  // Pictures drawn by the server, as they travel fastest, for each of a few things asked for together: { drawn, worked },
  // drawn being { bytes, n, h, w } for each and worked the milliseconds that all took there, or { error } for the visitor.
  async draw(action, asked) {
    try {
      const response = await fetch(gm.root + 'generate/' + action, { method: 'POST', body: JSON.stringify(asked) });
      if (!response.ok) return { error: (await response.json()).error };
      const shapes = response.headers.get('X-Shape').split(';');
      const worked = Number(/dur=([\d.]+)/.exec(response.headers.get('Server-Timing'))[1]);
      const all = new Uint8Array(await response.arrayBuffer());
      let end = 0;
      const drawn = shapes.map((shape) => {
        const [n, h, w] = shape.split(',').map(Number), from = end;
        end += n * h * w;
        return { bytes: all.subarray(from, end), n, h, w };
      });
      return { drawn, worked };
    } catch (error) {
      return { error: 'The server did not answer; check the connection and try again.' };
    }
  },

  // Calls that may come faster than they are answered. As many are under way as the road is long, one a screen frame,
  // so that a drag stays smooth across a slow network and a near server is never asked for what nobody will see. Where
  // that is more than the browser has connections, two share one. Those in between are dropped, the last one is always
  // made, and what comes after something newer is not shown.
  live(action, read, show) {
    const FRAME = 1000 / 60, MOST = 8, TOGETHER = 2;
    const LINES = 5;  // of the six that browsers open to one server; gradio's page keeps one
    // road: the quickest way there and back of late, ms, without the server's work: more requests do not hasten that.
    let waiting = [], lines = 0, flying = 0, sent = 0, shown = 0, road = Infinity;
    const room = () => (Number.isFinite(road) ? Math.min(MOST, Math.max(2, Math.ceil(road / FRAME))) : 2);
    const come = (number, answer, args) => {
      if (number <= shown) return;
      shown = number;
      show(answer, args);
    };
    const next = async () => {
      const free = room() - flying;
      if (!waiting.length || lines >= LINES || free < 1) return;
      const batch = waiting.splice(0, free), first = sent + 1, last = sent += batch.length, began = performance.now();
      lines++;
      flying += batch.length;
      const answer = await gm.draw(action, batch.map(read));
      lines--;
      flying -= batch.length;
      if (answer.error) {
        come(last, answer, batch[batch.length - 1]);
      } else {
        road = Math.min(performance.now() - began - answer.worked, 1.3 * road);
        batch.forEach((args, i) => {
          const each = () => come(first + i, answer.drawn[i], args);
          if (i === 0) each();
          else requestAnimationFrame(() => setTimeout(each));  // the one before it is seen first
        });
      }
      next();
    };
    return (args) => {
      waiting.push(args);
      while (waiting.length > (room() > LINES ? TOGETHER : 1)) waiting.shift();
      next();
    };
  },

  // n pictures of w x h side by side as one PNG, every pixel a square of `scale`.
  sheet(bytes, n, w, h, columns, scale, name) {
    const gap = 2, rows = Math.ceil(n / columns);
    const small = document.createElement('canvas'), tile = document.createElement('canvas');
    const big = document.createElement('canvas');
    small.width = gap + columns * (w + gap);
    small.height = gap + rows * (h + gap);
    const context = small.getContext('2d');
    context.fillRect(0, 0, small.width, small.height);
    for (let i = 0; i < n; i++) {
      gm.paint(tile, bytes.subarray(i * w * h, (i + 1) * w * h), w, h);
      context.drawImage(tile, gap + (i % columns) * (w + gap), gap + Math.floor(i / columns) * (h + gap));
    }
    big.width = small.width * scale;
    big.height = small.height * scale;
    const large = big.getContext('2d');
    large.imageSmoothingEnabled = false;
    large.drawImage(small, 0, 0, big.width, big.height);
    big.toBlob((blob) => gm.save(blob, name), 'image/png');
  },

  save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  },
};
