"""Where in latent space a drawing can come from, exactly and as an encoder guesses it."""

from genmodels.ui.components.posterior_map.posterior_map import PosteriorMap

__all__ = ["PosteriorMap"]
