"""Which modes a model draws while it learns, where its images are stacks of images that a shipped classifier reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genmodels import checkpoint
from genmodels.data import Dataset
from genmodels.metrics.modes import read_channels
from genmodels.registry import CHECKPOINTS, DEFAULT_CLASSIFIER
from genmodels.training.run import TrainingError

ModeReader = Callable[[np.ndarray], list[int]]  # images uint8 [N, H, W, 3] -> how many there are of each mode


def mode_reader(dataset: Dataset) -> ModeReader | None:
    """How the modes of images like those of ``dataset`` are counted: channel by channel, by the shipped classifier.

    None where they are no stacks of what it classifies; TrainingError where it is missing.
    """
    if dataset.stack_of != CHECKPOINTS[DEFAULT_CLASSIFIER].dataset:
        return None
    try:
        classifier, card = checkpoint.load(DEFAULT_CLASSIFIER)
    except checkpoint.CheckpointError as error:
        raise TrainingError(f"the digits of {dataset.title} are read while it is learned from: {error}") from None
    classes = len(card.dataset["classes"])

    def read(images: np.ndarray) -> list[int]:
        return read_channels(classifier, images, classes).bincount(minlength=classes**3).tolist()

    return read
