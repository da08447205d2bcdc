"""Evaluate checkpoints and controls by one protocol.

Metrics are measured on real images of the ``test`` split, or on the samples that ``python -m genmodels sample`` writes;
parameters of a metric are fitted on ``validation`` or ``train``. The capabilities of a model decide what is measured.
"""

from __future__ import annotations

from collections.abc import Callable

from genmodels.evaluation import caption_measures, mesh_measures, model_measures, sample_measures
from genmodels.evaluation.context import EvalSubject

# The accuracy of a classifier comes first, then the samples.
MEASURES = (model_measures.accuracy, *sample_measures.MEASURES,
            *(m for m in model_measures.MEASURES if m is not model_measures.accuracy), *mesh_measures.MEASURES,
            *caption_measures.MEASURES)


def evaluate(subject: EvalSubject, on_measure: Callable[[str], None] = lambda name: None) -> EvalSubject:
    """Run every measure that applies to the subject, and return it; its ``skipped`` has those that could not be run.

    ``on_measure`` is called with the name of each measure as it starts.
    """
    for measure in MEASURES:
        if not measure.applies(subject):
            continue
        if reason := measure.missing(subject):
            subject.skipped |= dict.fromkeys(measure.records, reason)
            continue
        on_measure(measure.name)
        measure.run(subject)
    return subject
