"""What the patches of a picture look at."""

from genmodels.ui.components.attention_map.attention_map import AttentionMap

__all__ = ["AttentionMap"]
