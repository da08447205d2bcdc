"""How many test digits are read wrongly after few labels."""

from genmodels.ui.components.few_label_results.few_label_results import FewLabelResults

__all__ = ["FewLabelResults"]
