// The activities of the page: which one is open, opening one, and what gradio's tabs lack for the keyboard, for screen
// readers and on small screens. A tab's button has the id of its tab and "-button"; that of an activity is gm-tab-NAME.
(() => {
  const LIST = '.gradio-container [role=tablist]';
  const ACTIVITY = 'button[role=tab][id^=gm-tab-]';
  const WAIT_MS = 5000;  // for a group to show its tabs when it is first opened
  const nameOf = (tab) => tab.id.slice('gm-tab-'.length, -'-button'.length);
  const isSelected = (tab) => tab.getAttribute('aria-selected') === 'true';
  const isSeen = (element) => element.offsetParent !== null;
  let current = null;

  // The selected tab that is in sight; a group's own tab is no activity.
  function findCurrent() {
    const tab = [...document.querySelectorAll(ACTIVITY)].find((found) => isSelected(found) && isSeen(found));
    return tab ? nameOf(tab) : null;
  }

  function mend() {
    for (const list of document.querySelectorAll(LIST)) {
      for (const tab of list.querySelectorAll('[role=tab]')) {
        const controls = tab.getAttribute('aria-controls');  // of a panel that may never have been opened
        if (controls && !document.getElementById(controls)) tab.removeAttribute('aria-controls');
        const stop = isSelected(tab) ? 0 : -1;  // Tab stops at the selected one, arrow keys move on from there
        if (tab.tabIndex !== stop) tab.tabIndex = stop;
      }
    }
    const found = findCurrent();
    if (!found || found === current) return;
    current = found;
    document.querySelector(`#gm-tab-${found}-button`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
    document.dispatchEvent(new CustomEvent('gm-activity', { detail: found }));
  }

  // Resolves to what ``find`` returns, as soon as that is something.
  const until = (find) => new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      const found = find();
      if (found) resolve(found);
      else if (performance.now() - began > WAIT_MS) reject(new Error('absent'));
      else setTimeout(look, 15);
    };
    look();
  });

  Object.assign(gm, {
    until,

    // The activity in sight, by its name.
    activity: () => current,

    // Open an activity, in its group; resolves when it is in sight, to false where there is none of this name.
    async open(name) {
      const group = Object.keys(gm.groups).find((key) => gm.groups[key].includes(name));
      if (!group) return false;
      const press = async (id) => {
        const tab = await until(() => document.getElementById(id + '-button'));
        if (!isSelected(tab)) tab.click();
      };
      if (gm.groups[group].length > 1) await press('gm-group-' + group);
      await press('gm-tab-' + name);
      await until(() => findCurrent() === name);
      mend();
      return true;
    },
  });

  document.addEventListener('keydown', (event) => {
    const tab = event.target.closest(LIST + ' [role=tab]');
    if (!tab || event.altKey || event.ctrlKey || event.metaKey) return;
    const tabs = [...tab.closest(LIST).querySelectorAll('[role=tab]')], at = tabs.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-open]');  // data-state: what it brings along, as JSON
    if (opener) gm.state.set({ activity: opener.dataset.open, ...JSON.parse(opener.dataset.state || '{}') });
  });

  mend();
  new MutationObserver(mend).observe(document, { subtree: true, childList: true, attributes: true,
    attributeFilter: ['aria-selected', 'aria-controls'] });
})();
