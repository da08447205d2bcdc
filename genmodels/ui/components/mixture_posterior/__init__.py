"""What the ELBO prefers, on four Gaussians in the plane."""

from genmodels.ui.components.mixture_posterior.mixture_posterior import MixturePosterior

__all__ = ["MixturePosterior"]
