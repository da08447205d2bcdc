"""What a classifier predicts, and its features."""

from __future__ import annotations

import numpy as np
import torch
from conftest import build, tiny_config

from genmodels.images import from_uint8
from genmodels.metrics import predictions
from genmodels.metrics.features import features
from metrics.helpers import CornerClassifier


def test_accuracy_and_class_histogram_of_a_known_classifier():
    images = np.zeros((40, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(40) % 4  # classes 0 to 3, whatever the condition
    predicted = predictions.predict(CornerClassifier(), images)
    assert predicted.tolist() == images[:, 0, 0].tolist()
    assert predictions.accuracy(predicted, torch.arange(40) % 4) == 1
    assert predictions.accuracy(predicted, torch.zeros(40, dtype=torch.int64)) == 0.25
    assert predictions.class_histogram(predicted, 10) == [0.25] * 4 + [0] * 6


def test_features_are_the_last_hidden_layer(digits):
    classifier = build("cnn", **tiny_config("cnn")).eval()
    with torch.no_grad():
        expected = classifier.head(features(classifier, digits).float())
        assert torch.allclose(expected, classifier.classify(from_uint8(digits)), atol=1e-4)
