"""Fixtures of the tests of the core."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same state of torch's global generator, whichever ran before it."""
    torch.manual_seed(0)
