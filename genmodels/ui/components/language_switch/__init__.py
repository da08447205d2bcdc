"""The choice of the page's language."""

from genmodels.ui.components.language_switch.language_switch import LanguageSwitch

__all__ = ["LanguageSwitch"]
