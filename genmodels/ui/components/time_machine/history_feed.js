// News of the run that is watched: one small request a second while it trains and is in sight. What has been added is
// joined to what is there.
//
// history_feed(run, isWanted, changed): run.data and run.image grow; changed(news) is called after each answer, with null
// where there was none.
const run = element, isWanted = props, changed = trigger;
const PERIOD_MS = 1000, FAILED_MS = 5000;
const ENDED = ['stopped', 'done'];
let identity = '', shownImages = 0, timer = null, asking = false, hasEnded = false;

function join(news) {
  const { data } = run;
  if (news.isNew || !data) {
    run.data = news;
    identity = news.identity;
    shownImages = 0;
    run.image = null;
    return;
  }
  const before = data.steps.length, names = new Set([...Object.keys(data.losses), ...Object.keys(news.losses)]);
  data.steps.push(...news.steps);
  for (const name of names) {
    const curve = data.losses[name] = data.losses[name] || Array(before).fill(null);
    curve.push(...(news.losses[name] || Array(news.steps.length).fill(null)));
  }
  data.imageSteps.push(...news.imageSteps);
  for (const key of ['words', 'covered', 'modeImages', 'size', 'last']) data[key] = news[key];
}

async function fetchSheet() {
  const image = new Image(), count = run.data.imageSteps.length;
  image.src = gm.root + 'watch/sheet?' + new URLSearchParams({ identity, count });
  await image.decode();
  run.image = image;
  shownImages = count;
}

async function ask() {
  asking = true;
  let news = null;
  try {
    const { steps = [], imageSteps = [] } = run.data || {};
    news = await gm.fetchJson('watch?' + new URLSearchParams({ identity, points: steps.length, images: imageSteps.length }));
    if (news.state !== 'unreadable') {
      join(news);
      if (run.data.imageSteps.length > shownImages) await fetchSheet().catch(() => {});  // it is asked for again
    }
  } catch {
    news = null;
  }
  asking = false;
  hasEnded = Boolean(news) && ENDED.includes(news.state);
  changed(news);
  if (hasEnded) return;
  clearTimeout(timer);
  timer = setTimeout(wake, news ? PERIOD_MS : FAILED_MS);
}

// Asks, unless nobody looks, in which case it is called again when somebody does, or the run has ended.
function wake() {
  if (!asking && !hasEnded && isWanted() && !document.hidden) ask();
}
document.addEventListener('visibilitychange', wake);
return { wake };
