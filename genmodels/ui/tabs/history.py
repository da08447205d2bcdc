"""Time machine: what each checkpoint made of the same latents as it learned, and its losses; or a run as it goes on."""

from __future__ import annotations

import json

from genmodels.run_history import UnreadableError, read_run
from genmodels.ui.components import TimeMachine
from genmodels.ui.components.base import page_file
from genmodels.ui.histories import Facts, curves
from genmodels.ui.model_option import ModelOption
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, note
from genmodels.ui.text import Text, to_json

PREFERRED = "dcgan"
WATCHED = "watched"  # the name of the run that is watched, in the page and in its address


def build(store: ModelStore):
    """Lay out the tab. It asks the server for two files per run, and for news of the run that is watched."""
    intro("history.intro")
    runs = [_facts(store, option) for option in store.options(lambda _: True)]
    usable = [run["name"] for run in runs if not run["error"]]
    if store.watched:
        runs.insert(0, {"name": WATCHED, "title": Text("history.watched", name=store.watched.name), "error": None,
                        "ink": False})
    first = WATCHED if store.watched else PREFERRED if PREFERRED in usable else next(iter(usable), None)
    TimeMachine(to_json({"runs": runs, "first": first, "pair": _pair(runs), "watched": WATCHED}))
    about(note(Text("history.about")))


def _facts(store: ModelStore, option: ModelOption) -> Facts:
    facts: Facts = {"name": option.name, "title": option.title, "error": option.error, "ink": option.ink}
    if option.error:
        return facts
    try:
        run = read_run(store.root / option.name)
        found = curves(run)
    except (UnreadableError, KeyError, TypeError):
        return facts | {"error": Text("history.none", name=option.name)}
    covered = found.get("covered")
    return facts | {"file": page_file(json.dumps(found), ".json"), "covers": covered[-1][1] if covered else None,
                    "sheet": run.sheet and page_file(run.sheet, ".png")}


def _pair(runs: list[Facts]) -> list[str]:
    """The run whose images are of the fewest modes in the end, and the one whose are of the most; empty without two."""
    counted = sorted((run for run in runs if run.get("covers") is not None), key=lambda run: run["covers"])
    return [counted[0]["name"], counted[-1]["name"]] if len(counted) > 1 else []


if __name__ == "__main__":
    launch_tab(build)
