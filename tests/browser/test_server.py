"""The server: broken checkpoints, and what it leaves behind."""

from __future__ import annotations

import shutil

import pytest
from conftest import build_shipped, shipped_with, shipped_with_label

from browser.helpers import (
    CHECKPOINTS,
    EXPLORED,
    GRID,
    expect,
    left_behind,
    open_tab,
    serve,
    visit,
    wait_painted,
)
from genmodels import checkpoint

pytestmark = pytest.mark.browser


def test_broken_checkpoint_is_explained_and_others_work(browser, folder):
    root, generative = folder / "checkpoints", shipped_with("decode")
    editable = [name for name in generative if build_shipped(name).latent.is_editable]
    shutil.copytree(CHECKPOINTS, root, ignore=shutil.ignore_patterns(".*", "history*", "samples*"))
    for name in ("dcgan", "cvae"):
        weights = root / name / checkpoint.WEIGHTS
        weights.write_bytes(weights.read_bytes()[:1000])
    with serve(root, folder / "broken") as address, visit(browser, address) as page:
        wait_painted(page, GRID, 36)
        expect(page.locator("#gm-sample-model input:checked")).to_have_value(generative[0])
        for part, offered, names in (("sample", generative, ("DCGAN", "Conditional VAE")),
                                     ("write", shipped_with_label(), ("Conditional VAE",)),
                                     ("reconstruct", shipped_with("reconstruct"), ("Conditional VAE",)),
                                     ("latents", editable, ("DCGAN",))):
            open_tab(page, part.title())
            expect(page.locator(f"#gm-{part}-model input:visible")).to_have_count(len(offered))
            for name in names:
                radio = page.locator(f"#gm-{part}-model").get_by_role("radio", name=name, exact=True)
                expect(radio).to_be_disabled()
            expect(page.locator(f"#gm-{part}-model .gm-warning", has_text="python train.py cvae")).to_be_visible()
        wait_painted(page, EXPLORED, 1)
    assert left_behind(folder / "broken") == []


def test_server_leaves_no_files_or_tracebacks(server, folder):
    assert left_behind(folder / "shipped") == []
