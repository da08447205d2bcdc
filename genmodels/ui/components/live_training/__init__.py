"""Two networks trained side by side in the page, on points in the plane."""

from genmodels.ui.components.live_training.live_training import LiveTraining

__all__ = ["LiveTraining"]
