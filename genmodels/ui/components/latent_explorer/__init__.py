"""Controls for a model's latent, and the image that it decodes to."""

from genmodels.ui.components.latent_explorer.latent_explorer import LatentExplorer

__all__ = ["LatentExplorer"]
