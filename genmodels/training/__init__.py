"""Training: the loop, what a run is, its saved state, its history, and several processes."""

from genmodels.training.loop import fit
from genmodels.training.run import TrainingError, TrainingRun, check, is_complete
from genmodels.training.state import STATE_FILE

__all__ = ["STATE_FILE", "TrainingError", "TrainingRun", "check", "fit", "is_complete"]
