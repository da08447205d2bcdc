// Follows a field (gm.engine.loadField) from noise to images in Euler steps, as `integrate` does in Python.
gm.flow = {
  // z: the images' numbers, one image after the other, at time `start`; labels: of each its index. `states` are those
  // so far: { time, x, end }, of all images; at the last one, time 1, the images are where they were to end.
  begin(field, { z, labels, steps, guidance, start = 0 }) {
    const states = [], timeOf = (k) => start + (1 - start) * k / steps;
    let x = Float32Array.from(z);
    return {
      states,
      isDone: () => states.length > steps,

      async advance() {
        const time = timeOf(states.length);
        if (states.length === steps) {
          states.push({ time, x, end: x });
          return;
        }
        const end = await field.ends(x, time, labels, guidance), share = (timeOf(states.length + 1) - time) / (1 - time);
        states.push({ time, x, end });
        x = x.map((value, i) => value + share * (end[i] - value));
      },
    };
  },

  // Images at any time between the first state and 1: between two states they move straight.
  at(states, time) {
    let k = states.length - 1;
    while (k > 0 && states[k].time > time) k--;
    const { time: from, x, end } = states[k], share = from < 1 ? Math.max(0, time - from) / (1 - from) : 0;
    return { x: x.map((value, i) => value + share * (end[i] - value)), end };
  },
};
