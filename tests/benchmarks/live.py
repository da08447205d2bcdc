"""Live training: how fast the page trains, and what its arrangements come to over ten seeds."""

from __future__ import annotations

import json
from statistics import mean
from typing import TYPE_CHECKING

from genmodels.ui import live
from tests.benchmarks.report import Row
from tests.benchmarks.session import BenchSession

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEEDS = 10
SETTLE_MS = 1_500
# One run: [parts covered, share of points near the data].
RUN = """async ([code, data, seed, steps]) => {
    const setups = gm.components.live_setup(), kernel = gm.decodeBase64(gm.kernels[gm.kernels.length - 1]);
    window.trainer = window.trainer || new gm.live.Trainer(await gm.live.createRuntime([kernel]));
    trainer.reset(setups.settings(setups.read(code)), data, seed);
    while (trainer.step < steps) trainer.advance();
    const { covered, near } = trainer.show();
    return [covered, near];
}"""
RATES = """(seconds) => new Promise((done) => {
    const steps = () => Number(document.querySelector('.gm-live-count').textContent.replace(/\\D/g, ''));
    let frames = 0, first = null, start = null, last = null, longest = 0;
    const frame = (now) => {
        if (start === null) [start, first] = [now, steps()];
        else [frames, longest] = [frames + 1, Math.max(longest, now - last)];
        last = now;
        if (now - start < 1000 * seconds) return requestAnimationFrame(frame);
        const passed = (now - start) / 1000;
        return done({ steps: (steps() - first) / passed, frames: frames / passed, longest });
    };
    requestAnimationFrame(frame);
})"""


def open_arrangement(page: Page, address: str, codes: str) -> None:
    """The activity, at rest, with these set-ups on the ring."""
    page.goto(f"{address}#a=live&l={codes}")
    page.wait_for_selector(".gm-live[data-rest]")


def measure_live(session: BenchSession) -> list[Row]:
    """Steps and frames a second at full speed, with penalties: in one panel, and in two."""
    rows = []
    for count, codes in (("one panel", "original-r1-r2"), ("two panels", "relativistic-r1-r2,original-r1-r2")):
        with session.pages() as [page]:
            open_arrangement(page, session.app.address, codes)
            page.locator(".gm-live-play").click()
            page.wait_for_timeout(SETTLE_MS)
            found = page.evaluate(RATES, session.effort.seconds)
        target = ">= 400" if count == "one panel" else ""
        rows += [Row("live", f"steps a second, {count}", found["steps"], target=target),
                 Row("live", f"frames a second, {count}", found["frames"], target=">= 58"),
                 Row("live", f"longest frame, {count}", found["longest"], "ms")]
    return rows


def measure_modes(session: BenchSession) -> list[Row]:
    """The arrangements that the page offers, over ten seeds; what is found is written to where the page reads it."""
    rows, presets = [], live.presets()
    with session.pages() as [page]:
        open_arrangement(page, session.app.address, "original")
        for preset in presets:
            rows += measure_preset(page, preset)
    write_presets(presets)
    return rows


def measure_preset(page: Page, preset: dict) -> list[Row]:
    """Enter into an arrangement what its two panels come to; a row for each."""
    preset |= {"seeds": SEEDS, "covered": [], "near": []}
    rows = []
    for code in preset["panels"]:
        runs = [page.evaluate(RUN, [code, preset["data"], str(seed), preset["steps"]]) for seed in range(SEEDS)]
        covered = [found for found, _ in runs]
        preset["covered"].append([round(mean(covered), 1), min(covered), max(covered)])
        preset["near"].append(round(mean(near for _, near in runs), 2))
        rows.append(Row(f"{preset['name']}, {code}", f"covered of {preset['parts']} at step {preset['steps']}",
                        mean(covered), note=" ".join(map(str, covered))))
    return rows


def write_presets(presets: list[dict]) -> None:
    """A line for each."""
    lines = ",\n".join(f" {json.dumps(preset)}" for preset in presets)
    live.PRESETS.write_text(f"[\n{lines}\n]\n")
