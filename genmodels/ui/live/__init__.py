"""Training in the page: networks of points in the plane, each in a Worker. Its script is fetched when it is needed."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
PRESETS = HERE / "presets.json"
PARTS = "../engine/runtime", "network", "data", "trainer", "worker"


def script() -> str:
    """JavaScript that sets ``gm.live``: all that trains, ``serve()`` for a Worker, ``createPlots()`` for the page."""
    parts = "\n".join((HERE / f"{name}.js").read_text() for name in PARTS)
    return (f"(globalThis.gm ||= {{}}).live = ((gm) => {{\n{parts}\nconst engine = {{}};\n"
            "gm.engineParts.forEach((part) => part(engine));\n"
            f"engine.createPlots = (element) => {{\n{(HERE / 'plots.js').read_text()}}};\nreturn engine;\n}})({{}});\n")


def presets() -> list[dict]:
    """The arrangements that the page offers, and what ``python -m tests.benchmarks --only modes`` found.

    Each: ``name``, ``data``, ``panels`` (codes of the set-ups, see live_setup.js), ``parts`` of the data, ``steps`` and
    the number of ``seeds`` (0 and on) of the measurement; for each panel ``covered``, mean, least and most of the parts
    that are covered then, and ``near``, the mean share of points near the data.
    """
    return json.loads(PRESETS.read_text())
