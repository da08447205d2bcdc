"""A measure: a function that records some metrics of a subject, with what it needs for that.

Which measures apply to a model follows from its capabilities. One that applies but lacks what it needs is skipped, and
the subject keeps the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType

from genmodels.evaluation.context import EvalSubject


@dataclass(frozen=True)
class Measure:
    """``records``: the metrics and latent statistics that ``run`` adds to the subject."""

    run: Callable[[EvalSubject], None]
    records: tuple[str, ...]
    capabilities: tuple[type | UnionType, ...]
    conditional: bool
    needs_classifier: bool
    needs_labels: bool

    @property
    def name(self) -> str:
        return self.run.__name__

    def applies(self, subject: EvalSubject) -> bool:
        """Whether the subject has the capabilities; a measure that names none is of samples."""
        if self.conditional and not subject.is_conditional:
            return False
        if not self.capabilities:
            return subject.sampler is not None
        return subject.model is not None and all(isinstance(subject.model, kind) for kind in self.capabilities)

    def missing(self, subject: EvalSubject) -> str | None:
        """Why the measure cannot be taken of a subject to which it applies; None where it can."""
        reason = subject.lacks_classifier() if self.needs_classifier else None
        return reason or (subject.lacks_labels() if self.needs_labels else None)


def measure(*records: str, capabilities: tuple[type | UnionType, ...] = (), conditional: bool = False,
            needs_classifier: bool = False, needs_labels: bool = False) -> Callable[..., Measure]:
    """Decorator that makes a function a ``Measure``.

    ``capabilities``: all of them, protocols or unions of protocols, the model must have; none for a measure of samples.
    ``conditional``: only where samples are conditioned on labels. ``needs_classifier``: one of the subject's data set.
    ``needs_labels``: the data set has labels.
    """
    return lambda run: Measure(run, records, capabilities, conditional, needs_classifier, needs_labels)
