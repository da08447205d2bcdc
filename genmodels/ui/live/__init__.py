"""Training in the page: networks of points in the plane, each in a Worker. Its script is fetched when it is needed."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
PRESETS = HERE / "presets.json"
PARTS = "../engine/runtime", "network", "data", "trainer", "worker"


def script() -> str:
    """JavaScript that sets ``gm.live``: all that trains, ``serve()`` for a Worker, ``createPlots()`` for the page."""
    files = {name: (HERE / f"{name}.js").read_text() for name in (*PARTS, "plots", "bundle")}
    parts = "\n".join(files[name] for name in PARTS)
    return Template(files["bundle"]).substitute(parts=parts, plots=files["plots"])


def presets() -> list[dict]:
    """The arrangements that the page offers, and what ``python -m tests.benchmarks --only modes`` found.

    Each: ``name``, ``data``, ``panels`` (codes of the set-ups, see live_setup.js), ``parts`` of the data, ``steps`` and
    the number of ``seeds`` (0 and on) of the measurement; for each panel ``covered``, mean, least and most of the parts
    that are covered then, and ``near``, the mean share of points near the data.
    """
    return json.loads(PRESETS.read_text())
