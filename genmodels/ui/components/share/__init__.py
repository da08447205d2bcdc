"""What one can take away: a link, pictures, and bundles."""

from genmodels.ui.components.share.share import Share

__all__ = ["Share"]
