// What is said about the panels, as { key, values }. No component by itself.
const PRESETS = {  // the name on the button, and what it shows
  collapse: ['live.preset.collapse', 'live.lesson.collapse'],
  rates: ['live.preset.rates', 'live.lesson.rates'],
  losses: ['live.preset.losses', 'live.lesson.losses'],
  grid: ['live.preset.grid', 'live.lesson.grid'],
  blur: ['live.preset.blur', 'live.lesson.blur'],
};
const NAMES = {  // of settings
  model: 'live.name.model', kind: 'live.name.loss', penalties: 'live.name.penalties', gamma: 'live.name.gamma',
  slower: 'live.name.slower', beta1: 'live.name.beta1', width: 'live.name.width',
};
const DIFFERENT = ['live.differ.none', 'live.differ.one', 'live.differ.more'];  // by how many things
const CURVES = {  // of the two losses
  gan: ['live.key.critic', 'live.key.generator'],
  vae: ['live.key.error', 'live.key.kl'],
};
const SEPARATE = ['ring', 'grid'];  // sets whose parts are modes

return {
  preset: (name) => ({ key: PRESETS[name][0] }),
  lesson: (name) => ({ key: PRESETS[name][1] }),
  curves: (model) => CURVES[model].map((key) => ({ key })),

  // names: of the settings that differ.
  difference: (names) => (
    { key: DIFFERENT[Math.min(2, names.length)], values: { names: names.map((name) => ({ key: NAMES[name] })) } }),

  // What was measured of an arrangement.
  measured({ seeds, steps, parts, covered, near }) {
    const values = { seeds, steps, of: parts };
    ['a', 'b'].forEach((letter, i) => {
      const [mean, low, high] = covered[i];
      Object.assign(values, { ['mean_' + letter]: mean, ['low_' + letter]: low, ['high_' + letter]: high,
        ['near_' + letter]: near[i] });
    });
    return { key: 'live.measured', values };
  },

  held: ({ covered, held, near }, set) => (
    { key: SEPARATE.includes(set) ? 'live.held' : 'live.held.parts', values: { covered, of: held.length, near } }),
};
