"""Training in the page: networks of points in the plane, each in a Worker. Its script is fetched when it is needed."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
PARTS = "../engine/runtime", "network", "data", "trainer", "worker"


def script() -> str:
    """JavaScript that sets ``gm.live``: all that trains, and ``serve()``, which a Worker calls."""
    parts = "\n".join((HERE / f"{name}.js").read_text() for name in PARTS)
    return (f"gm.live = ((gm) => {{\n{parts}\nconst engine = {{}};\n"
            "gm.engineParts.forEach((part) => part(engine));\nreturn engine;\n})({});\n")


def presets() -> list[dict]:
    """The arrangements that the page offers, and what was measured of them by ``python -m tests.benchmarks.live``.

    Each: ``name``, ``data``, ``panels`` (codes of the set-ups, see live_setup.js), ``parts`` of the data, ``steps`` and
    the number of ``seeds`` (0 and on) of the measurement, ``covered``: for each panel mean, least and most of the parts
    covered then.
    """
    return json.loads((HERE / "presets.json").read_text())
