// Keeps what the server answered while the scenes were walked through, and answers in its place when the same is asked
// again: then the network may be gone. Answers depend on what is asked alone, so a kept one is as good as a new one.
//
// gradio's events have two steps: a call that is answered by an id, and a stream on which the results of all calls come.
const recorder = (() => {
  const QUIET_MS = 400;  // without a request until all is taken for fetched
  const LONGEST_MS = 30000;  // that one scene may take
  const CALL = /\/queue\/join$/, STREAM = /\/queue\/data$/;
  const KEPT = /\/gm\/|\/component_server\/?$/;
  const STREAM_MS = 3000;  // after a call, until its results are taken to come on a stream from before
  const UNCHANGED = { __type__: 'update' };
  const send = window.fetch.bind(window);
  const answers = new Map();  // by request: what our own routes and components answered
  const results = new Map();  // by call: the message that completed it
  const calls = new Map();  // under way, by event id: the key of the call
  const ready = [];  // messages that wait for a stream
  let isOn = false, open = 0, lastAt = 0, count = 0;
  let out = null, source = null;  // the stream's controller, and the server's stream behind it
  let streamAddress = null;

  const touch = () => { lastAt = performance.now(); };
  const encode = (message) => new TextEncoder().encode('data: ' + JSON.stringify(message) + '\n\n');

  function keyOf(request, body) {
    const { pathname } = new URL(request.url);
    return [request.method, pathname, request.headers.get('Range'), body.replace(/"session_hash":"\w*",?/, '')].join(' ');
  }

  // ---- Calls and their stream

  function closeStream() {
    if (out) out.close();
    out = null;
  }

  // What waits goes into the stream; it ends, unless the server's own results come on it as well.
  function flush() {
    if (!out) return;
    ready.splice(0).forEach((message) => out.enqueue(encode(message)));
    if (source || calls.size) return;
    out.enqueue(encode({ msg: 'close_stream', event_id: null }));
    closeStream();
  }

  function read(message) {
    if (message.msg !== 'process_completed') return;
    const key = calls.get(message.event_id);
    calls.delete(message.event_id);
    touch();
    if (key && message.success) results.set(key, message);
  }

  // Calls whose results come on no stream of ours.
  function forget() {
    if (!source) calls.clear();
  }

  async function connect() {
    if (source || !out) return;
    source = send(streamAddress, { headers: { Accept: 'text/event-stream' } });
    try {
      const reader = (await source).body.getReader(), decoder = new TextDecoder();
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        if (out) out.enqueue(part.value);
        text += decoder.decode(part.value, { stream: true });
        const events = text.split('\n\n');
        text = events.pop();
        events.filter((event) => event.startsWith('data:')).forEach((event) => read(JSON.parse(event.slice(5))));
      }
    } catch {  // the network is gone: the calls change nothing
      for (const id of calls.keys()) ready.push(unchanged(id));
      calls.clear();
    }
    source = null;
    setTimeout(forget, STREAM_MS);
    if (ready.length) flush();
    else closeStream();
  }

  const unchanged = (id, outputs = 0) => ({
    msg: 'process_completed', event_id: id, success: true,
    output: { data: Array(outputs).fill(UNCHANGED), is_generating: false, duration: 0, average_duration: 0 } });

  const asJson = (value) => new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });

  function complete(message) {
    const id = 'kept-' + ++count;
    ready.push({ ...message, event_id: id });
    setTimeout(flush);
    return asJson({ event_id: id });
  }

  async function call(request, body) {
    const { fn_index: index, data } = JSON.parse(body), key = JSON.stringify([index, data]);
    if (results.has(key)) return complete(results.get(key));
    try {
      const answer = await send(request);
      if (answer.ok) {
        const id = (await answer.clone().json()).event_id;
        calls.set(id, key);
        setTimeout(forget, STREAM_MS);
        connect();
      }
      return answer;
    } catch {  // not seen before, and nobody to ask
      const { outputs } = window.gradio_config.dependencies.find(({ id }) => id === index);
      return complete(unchanged('', outputs.length));
    }
  }

  function stream(request) {
    streamAddress = request.url;
    return new Response(new ReadableStream({
      start(controller) {
        out = controller;
        if (calls.size) connect();
        setTimeout(flush);
      },
      cancel() { out = null; },
    }), { headers: { 'Content-Type': 'text/event-stream' } });
  }

  // ---- All requests

  async function fetchKept(...args) {
    const request = new Request(...args), { pathname } = new URL(request.url);
    if (STREAM.test(pathname)) return stream(request);
    const body = request.method === 'POST' ? await request.clone().text() : '';
    open++;
    touch();
    try {
      if (CALL.test(pathname)) return await call(request, body);
      if (!KEPT.test(pathname) || request.method === 'HEAD') return await send(request);
      const key = keyOf(request, body);
      if (answers.has(key)) return answers.get(key).clone();
      const answer = await send(request);
      if (answer.ok) answers.set(key, answer.clone());
      return answer;
    } finally {
      open--;
      touch();
    }
  }

  return {
    on() {
      if (isOn) return;
      isOn = true;
      window.fetch = fetchKept;
    },

    // Resolves once nothing has been asked for a while and all is answered, to true; else to false, when it took too
    // long or isEnough() holds.
    async quiet(isEnough) {
      const began = performance.now();
      touch();
      const isQuiet = () => !open && !calls.size && performance.now() - lastAt > QUIET_MS;
      while (!isQuiet() && !isEnough() && performance.now() - began < LONGEST_MS) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return isQuiet();
    },
  };
})();
