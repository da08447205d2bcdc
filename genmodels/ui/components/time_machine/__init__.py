"""What models made of the same latents as they learned, and their losses, under one slider."""

from genmodels.ui.components.time_machine.time_machine import TimeMachine

__all__ = ["TimeMachine"]
