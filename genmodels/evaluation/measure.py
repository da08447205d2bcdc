"""A measure: a function that records some metrics of a subject, with its requirements.

The capabilities of a model decide which measures apply to it. A measure that applies but lacks its classifier or its
labels is skipped, and the subject keeps the reason.
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
    planar: bool
    stacked: bool
    needs_classifier: bool
    needs_labels: bool

    @property
    def name(self) -> str:
        return self.run.__name__

    def applies(self, subject: EvalSubject) -> bool:
        """Whether the subject has the capabilities; a measure without any needs samples."""
        if (self.conditional and not subject.is_conditional or self.planar and not subject.is_planar
                or self.stacked and not subject.stack_of):
            return False
        if not self.capabilities:
            return subject.sampler is not None
        return subject.model is not None and all(isinstance(subject.model, kind) for kind in self.capabilities)

    def missing(self, subject: EvalSubject) -> str | None:
        """Why a measure that applies must be skipped; None where it need not be."""
        reason = subject.lacks_classifier(of_channels=self.stacked) if self.needs_classifier else None
        return reason or (subject.lacks_labels() if self.needs_labels else None)


def measure(*records: str, capabilities: tuple[type | UnionType, ...] = (), conditional: bool = False,
            planar: bool = False, stacked: bool = False, needs_classifier: bool = False,
            needs_labels: bool = False) -> Callable[..., Measure]:
    """Decorator that makes a function a ``Measure``.

    ``capabilities``: protocols or unions of protocols, all of which the model must have; none for a measure of samples.
    ``conditional``: applies only where samples are conditioned on labels. ``planar``: applies only to models whose
    latent is two standard normal numbers. ``stacked``: applies only where channels are images of another data set.
    ``needs_classifier``: skipped without a classifier of the subject's data set, or of its channels'.
    ``needs_labels``: skipped where the data set has no labels.
    """
    return lambda run: Measure(run, records, capabilities, conditional, planar, stacked, needs_classifier, needs_labels)
