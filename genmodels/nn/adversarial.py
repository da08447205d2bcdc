"""The discriminator's loss of all GANs here, with gradient penalties every few steps, which none of their papers has.

The loss of a GAN is a field of its configuration; by default it is R3GAN's (Huang et al. 2024, arXiv:2501.05441),
which does not collapse where the papers' own losses do. ``loss=nonsaturating r1=0 r2=0`` gives Goodfellow's.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from genmodels.config import BaseConfig
from genmodels.nn.losses import discriminator_loss, gradient_penalty


@dataclass(frozen=True)
class GANConfig(BaseConfig):
    loss: str = "relativistic"  # minimax | nonsaturating (Goodfellow 2014) | relativistic (R3GAN, Huang 2024)
    r1: float = 1.0  # weight of the penalty on D's gradient at real images (Mescheder 2018); 0 is none
    r2: float = 1.0  # the same at generated images
    d_reg_interval: int = 4  # steps between penalties, weighted up to match (lazy regularization, Karras 2020)
    beta1: float = 0.0  # Adam's momentum, of D and G

    def penalizes(self, step: int) -> bool:
        """Whether the penalties are added to D's loss at ``step``."""
        return (self.r1 > 0 or self.r2 > 0) and step % self.d_reg_interval == 0


def penalized_d_loss(config: GANConfig, real: Tensor, fake: Tensor, x: Tensor,
                     x_fake: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """D's loss, and its terms to be plotted.

    ``real``, ``fake``: D's logits [N] of ``x`` and ``x_fake`` [N, C, H, W]. R1 and R2 are added where these require a
    gradient; the caller sets that by ``config.penalizes``.
    """
    loss = discriminator_loss(config.loss, real, fake)
    plotted = {"loss_d": loss.detach()}
    if x.requires_grad:
        r1, r2 = gradient_penalty(real, x), gradient_penalty(fake, x_fake)
        loss = loss + config.d_reg_interval * (config.r1 * r1 + config.r2 * r2)
        plotted |= {"r1": r1.detach(), "r2": r2.detach()}
    return loss, plotted
