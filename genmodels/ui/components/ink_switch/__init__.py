"""A switch for digits as ink on paper."""

from genmodels.ui.components.ink_switch.ink_switch import InkSwitch

__all__ = ["InkSwitch"]
