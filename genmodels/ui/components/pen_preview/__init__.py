"""What a model keeps of a drawing, while it is drawn."""

from genmodels.ui.components.pen_preview.pen_preview import PenPreview

__all__ = ["PenPreview"]
