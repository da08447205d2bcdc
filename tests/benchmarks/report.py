"""Rows of measured values with their targets, as text, Markdown and JSON."""

from __future__ import annotations

import json
import math
import operator
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
HEADER = ["what", "measure", "here", "target", "met", "plain page", "note"]


@dataclass(frozen=True)
class Row:
    """One value beside its target, such as "<= 4"; None if it could not be measured, infinite if no image came."""

    subject: str
    measure: str
    value: float | None
    unit: str = ""
    target: str = ""
    plain: float | None = None  # the plain page's value
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target, False without a value."""
        if self.value is None:
            return False
        return meets(self.value, self.target) if self.target else None


def meets(value: float, target: str) -> bool:
    sign, limit = target.split()
    return COMPARE[sign](value, float(limit))


def shortfall(row: Row) -> float:
    """How far a value misses its target, in its unit; negative if it is met."""
    if row.value is None:
        return math.inf
    sign, limit = row.target.split()
    return (row.value - float(limit)) * (1 if sign.startswith("<") else -1)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def format_value(value: float | None) -> str:
    if value is None:
        return "-"
    if math.isinf(value):
        return "never"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def yes_no(met: bool | None) -> str:
    return "-" if met is None else "yes" if met else "no"


def cells(row: Row) -> list[str]:
    value = format_value(row.value)
    if row.value is not None and not math.isinf(row.value):
        value = f"{value} {row.unit}".strip()
    return [row.subject, row.measure, value, row.target or "-", yes_no(row.met), format_value(row.plain), row.note]


def as_text(rows: Sequence[Row], quick: bool) -> str:
    """All rows in columns, under their processor."""
    lines = [HEADER, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join([caption(quick), *("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)])


def as_markdown(rows: Sequence[Row], alike: Sequence[str], quick: bool) -> str:
    """The rows that have a target, of the subjects that are ``alike`` the worst each, with date and processor."""
    lines = [HEADER, ["---"] * len(HEADER), *map(cells, worst(rows, alike))]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{caption(quick)}\n\n{table}"


def caption(quick: bool) -> str:
    """When and where the rows were measured."""
    return (f"Measured on {date.today().isoformat()}, {processor()}, {os.cpu_count()} cores"
            f"{', shortened' if quick else ''}.")


def worst(rows: Sequence[Row], alike: Sequence[str]) -> list[Row]:
    """The rows with a target or without a value; of those of one measure on subjects that are alike, the worst one."""
    relevant, kept, done = [row for row in rows if row.target or row.value is None], [], set()
    for row in relevant:
        if row.subject not in alike or not row.target:
            kept.append(row)
        elif row.measure not in done:
            done.add(row.measure)
            same = [other for other in relevant
                    if other.subject in alike and other.measure == row.measure and other.target]
            found, count = max(same, key=shortfall), f"worst of {len(same)}" if len(same) > 1 else ""
            kept.append(replace(found, note=", ".join(filter(None, [count, found.note]))))
    return kept


def as_json(rows: Sequence[Row], quick: bool) -> str:
    """All rows with date and processor; an infinite value is the text "never"."""

    def finite(value: object) -> object:
        return "never" if isinstance(value, float) and math.isinf(value) else value

    found = [{k: finite(v) for k, v in asdict(row).items()} | {"met": row.met} for row in rows]
    facts = {"date": date.today().isoformat(), "processor": processor(), "cores": os.cpu_count(), "quick": quick}
    return json.dumps(facts | {"rows": found}, indent=1, allow_nan=False) + "\n"


def processor() -> str:
    """The processor's name as the system gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown processor"
