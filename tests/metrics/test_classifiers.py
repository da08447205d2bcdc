"""Metrics for which a classifier is trained: C2ST and the classification accuracy score."""

from __future__ import annotations

import numpy as np
import torch

from genmodels.data import ImageSplit, synthetic
from genmodels.metrics.c2st import c2st_accuracy
from genmodels.metrics.cas import cas


def test_c2st_detects_noise_and_not_a_second_set_of_digits():
    drawn = np.stack([synthetic.draw_digit(i % 10, 200 + i) for i in range(400)])
    noisy = np.clip(drawn[:200].astype(int) + np.random.default_rng(0).integers(0, 60, (200, 28, 28)), 0, 255)
    assert c2st_accuracy(drawn[200:], noisy.astype(np.uint8), 40) > 0.9
    assert c2st_accuracy(drawn[200:], drawn[:200], 40) < 0.65


def test_cas_falls_with_wrong_labels():
    labels = torch.arange(400) % 10
    drawn = np.stack([synthetic.draw_digit(int(y), 200 + i) for i, y in enumerate(labels)])
    real = ImageSplit(torch.from_numpy(drawn[300:]), labels[300:])
    right = cas(drawn[:300], labels[:300], real, 30)
    wrong = cas(drawn[:300], (labels[:300] + 3) % 10, real, 30)
    assert right > 0.7 and wrong < 0.2
