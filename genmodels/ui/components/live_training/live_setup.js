// The set-ups of the panels as the address holds them, and in what they differ. No component by itself.
//
// A code names a loss, or vae, and what differs from the rule: r1, r2; g and tenths of gamma; d and how many times slower
// the critic is; b and tenths of Adam's momentum; w and hundredths of the likelihood's width.
const RULE = { kind: 'original', r1: false, r2: false, gamma: 1, slower: 3, beta1: 0, width: 0.3 };
const CHOICES = { gamma: [0.1, 1, 10], slower: [1, 3, 10], beta1: [0, 0.5, 0.9], width: [0.05, 0.1, 0.3, 0.5] };
const NUMBERS = { g: ['gamma', 10], d: ['slower', 1], b: ['beta1', 10], w: ['width', 100] };
const OF_GAN = ['r1', 'r2', 'gamma', 'slower', 'beta1'];

const isVae = ({ kind }) => kind === 'vae';
// Whether a setting does anything.
function matters(setup, name) {
  if (name === 'kind') return true;
  if (name === 'gamma') return !isVae(setup) && (setup.r1 || setup.r2);
  return name === 'width' ? isVae(setup) : !isVae(setup);
}

return {
  CHOICES,
  isVae,

  read(code) {
    const [kind, ...parts] = code.split('-'), setup = { ...RULE, kind };
    for (const part of parts) {
      if (part === 'r1' || part === 'r2') {
        setup[part] = true;
        continue;
      }
      const [name, unit] = NUMBERS[part[0]], value = Number(part.slice(1)) / unit;
      if (CHOICES[name].includes(value)) setup[name] = value;
    }
    return setup;
  },

  write(setup) {
    const parts = ['r1', 'r2'].filter((name) => setup[name] && matters(setup, name));
    for (const [letter, [name, unit]] of Object.entries(NUMBERS)) {
      if (setup[name] !== RULE[name] && matters(setup, name)) parts.push(letter + Math.round(setup[name] * unit));
    }
    return [setup.kind, ...parts].join('-');
  },

  // As the trainer takes it.
  settings: ({ kind, ...others }) => ({ ...others, model: kind === 'vae' ? 'vae' : 'gan', loss: kind }),

  // The names of what differs between two set-ups; both penalties together are one thing.
  differences(a, b) {
    if (isVae(a) !== isVae(b)) return ['model'];
    const differs = (name) => a[name] !== b[name] && matters(a, name) && matters(b, name);
    const found = ['kind', ...OF_GAN, 'width'].filter(differs);
    return [...new Set(found.map((name) => (name === 'r1' || name === 'r2' ? 'penalties' : name)))];
  },
};
