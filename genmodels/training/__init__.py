"""Training: the loop, what a run is and where it writes, its saved state, its history, and several processes."""

from genmodels.training.folder import check_folder, is_complete
from genmodels.training.loop import fit
from genmodels.training.run import TrainingError, TrainingRun, check

__all__ = ["TrainingError", "TrainingRun", "check", "check_folder", "fit", "is_complete"]
