const find = (selector) => element.querySelector(selector);
const dialog = find('dialog'), link = find('.gm-link'), copy = find('.gm-copy'), list = find('.gm-offers');
const error = find('.gm-error');
const COMMAND = 'python -m genmodels replay latent.json --out picture.png';

function createButton(key, name, act) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'gm-button' });
  gm.setText(button, key);
  gm.setText(button, key + '.of', { name }, 'aria-label');
  button.addEventListener('click', async () => {
    gm.setWords(error, '');
    await act().catch(() => gm.setText(error, 'error.no_answer'));
  });
  return button;
}

async function downloadBundle({ file, sheet, latents }) {
  const { model, rows } = await latents();
  const record = {
    format: 1, model, weights_sha256: gm.weightsOf(model), columns: sheet.columns, scale: sheet.scale,
    latents: rows.map((row) => Array.from(row, (v) => Number(v.toPrecision(9)))),  // float32, exactly
    settings: gm.address.read(location.hash).values, link: gm.state.link(), command: COMMAND,
  };
  const text = (words) => new TextEncoder().encode(words);
  const png = new Uint8Array(await (await gm.sheetBlob(sheet)).arrayBuffer());
  gm.downloadBlob(gm.zip({
    'picture.png': png, 'latent.json': text(JSON.stringify(record) + '\n'), 'link.txt': text(record.link + '\n'),
  }), file + '.zip');
}

function createOffer(offer) {
  const item = document.createElement('li'), title = document.createElement('span');
  gm.setWords(title, offer.title);
  item.append(title);
  if (offer.sheet) {
    item.append(createButton('share.png', offer.title,
      async () => gm.downloadBlob(await gm.sheetBlob(offer.sheet), offer.file + '.png')));
  }
  if (offer.gif) {
    item.append(createButton('share.gif', offer.title,
      async () => gm.downloadBlob(new Blob([offer.gif()], { type: 'image/gif' }), offer.file + '.gif')));
  }
  if (offer.latents) item.append(createButton('share.bundle', offer.title, () => downloadBundle(offer)));
  return item;
}

find('.gm-share-open').addEventListener('click', () => {
  const offers = gm.offers();
  link.value = gm.state.link();
  gm.setText(copy, 'share.copy');
  gm.setWords(error, '');
  list.replaceChildren(...offers.map(createOffer));
  find('.gm-bundle-info').hidden = !offers.some(({ latents }) => latents);
  dialog.showModal();
});
copy.addEventListener('click', async () => {
  link.select();
  // Not every frame may write to the clipboard; then the link is selected, to be copied by hand.
  const copied = await navigator.clipboard.writeText(link.value).then(() => true, () => document.execCommand('copy'));
  if (copied) gm.setText(copy, 'share.copied');
});
find('.gm-close').addEventListener('click', () => dialog.close());
dialog.addEventListener('click', ({ target }) => { if (target === dialog) dialog.close(); });  // beside it
