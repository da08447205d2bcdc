"""InfoGAN: Chen et al. 2016, arXiv:1606.03657.

A GAN whose latent has a few codes beside the noise, and a recognition network Q, sharing D's layers, that must infer
the codes from the image: G can only help it by making the codes visible. One categorical code of ten values and two
continuous ones; no label is ever seen. Otherwise it is DCGAN.

Two defaults help the ten values to settle on the ten digits, still without labels. The category must survive shearing
and scaling: Q is to infer the same from a real image and from a deformed copy (invariant information clustering, Ji et
al. 2019), and the given one from deformed copies of G's images, so that two values cannot share a digit between them
by its slant or width, which are left to the continuous codes. And c1 enters G larger than the noise, as in ClusterGAN
(Mukherjee et al. 2019, arXiv:1809.03627), so that the largest differences between images fall to it.
``iic_weight=0`` and ``onehot_scale=1`` are the paper's model.

The paper leaves to chance what c2 and c3 come to mean; mostly it is the slant, of both. Here they are told apart, still
without labels, by what is known of the deformed copies: Q is to infer a c2 that differs from the given one by as much
as the copy was sheared, and a c3 that differs by as much as its strokes were thickened or thinned, whatever else was
done to it. So c2 is led to the slant and c3 to the stroke: these two directions are chosen, not discovered.
``equivariance_weight=0`` is the paper's model.

Q infers c2 and c3 from the features that D has anyway, so that they do not compete with c1 for those. The Gaussians by
which it does have the paper's unit variance: where they are narrow, G heeds Q more than D, and leaves smudges that D
would have told it of.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.capabilities import Codes
from genmodels.config import at_least
from genmodels.latents import Categorical, LatentSpec, Normal, Uniform
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.augment import random_affine, thicken
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, lrelu, one_hot, optimizer_step
from genmodels.nn.losses import generator_loss, iic_mutual_information

# What a copy whose c2 or c3 differs by 1 is deformed by: about as far as handwriting goes to either side.
UNIT_SLANT = 0.3  # of random_affine
UNIT_STROKE = 0.7  # of thicken


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 62  # normal noise; 62 as in the paper
    categories: int = 10  # values of the categorical code c1
    onehot_scale: float = 8.0  # of c1's one-hot beside noise of variance 1 (Mukherjee 2019); 1 is the paper
    info_weight: float = 1.0  # lambda, weight of the mutual-information bound (equation 6)
    iic_weight: float = 1.0  # weight of the invariance of c1 to deformations (Ji et al. 2019); 0 is the paper
    equivariance_weight: float = 0.5  # weight of c2 following a shear and c3 the stroke of a copy; 0 is the paper
    g_channels: int = 56  # feature maps of G at 7x7, halved at each doubling of the size
    g_hidden: int = at_least(0, default=192)  # units of each of the two layers that z and c pass first; 0 is none
    d_channels: int = 64  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    steps: int = 10_000
    lr: float = 5e-4

    @property
    def reads_copies(self) -> bool:
        """Whether Q infers the codes of deformed copies too."""
        return self.iic_weight > 0 or self.equivariance_weight > 0


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        inputs = config.noise_dim + 2 + config.categories
        self.net = ConvGenerator(inputs, config.g_channels, config.g_hidden, image_shape=config.image_shape)
        self.categories, self.scale = config.categories, config.onehot_scale

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return clipped_tanh(self.net(torch.cat([z, self.scale * one_hot(c, self.categories)], 1)).float())


class Discriminator(nn.Module):
    """D and Q: shared layers, a head for each."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.d_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, 1)
        self.q_hidden = nn.Linear(config.feature_dim, config.feature_dim)
        self.q_category = nn.Linear(config.feature_dim, config.categories)
        self.q_style = nn.Linear(config.feature_dim, config.feature_dim)
        self.q_continuous = nn.Linear(config.feature_dim, 2)

    def forward(self, x: Tensor, backprop_to_backbone: bool = False) -> tuple[Tensor, Codes]:
        """Logits [N] and inferred codes; gradients of c2 and c3 reach the shared layers only where that is asked."""
        h = self.backbone(x)
        q = lrelu(self.q_hidden(h))
        style = lrelu(self.q_style(h if backprop_to_backbone else h.detach()))
        codes = Codes(self.q_category(q).float(), self.q_continuous(style).float())
        return self.head(h).squeeze(1).float(), codes


def style_nll(inferred: Codes, given: Tensor) -> Tensor:
    """-log Q(c2, c3 | x) of Gaussians of unit variance without its constants, in nats; ``given``: [N, 2]."""
    return (inferred.continuous - given).square().sum(1).mean() / 2


class InfoGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Chen et al., InfoGAN: Interpretable Representation Learning", year=2016,
        url="https://arxiv.org/abs/1606.03657", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((
            Categorical("c1", self.config.categories, role="code"), Uniform("c2", 1, role="code"),
            Uniform("c3", 1, role="code"), Normal("noise", self.config.noise_dim),
        ))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.G(z, y)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)[0]

    def infer_codes(self, x: Tensor) -> Codes:
        return self.D(x)[1]

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def code_nll(self, inferred: Codes, z: Tensor, c: Tensor) -> Tensor:
        """-L_I of equation 5 without its constants, in nats: how badly Q infers the codes that were given."""
        return F.cross_entropy(inferred.logits, c) + style_nll(inferred, z[:, :2])

    def deformed_codes(self, x: Tensor, backprop_to_backbone: bool = False) -> tuple[Codes, Tensor]:
        """What Q infers from copies of images, scaled, sheared and thickened, and by how much their c2 and c3 differ.

        The difference is [N, 2]: of c2 by the shear, of c3 by the thickening.
        """
        shear, stroke = (torch.rand(2, len(x), device=x.device) * 2 - 1) * torch.tensor([[0.4], [1.0]], device=x.device)
        copies = thicken(random_affine(x, degrees=0, scale=0.3, shear=shear), stroke)
        moved = torch.stack([shear / UNIT_SLANT, stroke / UNIT_STROKE], 1)
        return self.D(copies, backprop_to_backbone)[1], moved

    def copy_nll(self, inferred: Codes, moved: Tensor, z: Tensor, c: Tensor) -> Tensor:
        """The same for deformed copies, each part with its weight."""
        config = self.config
        category_nll = F.cross_entropy(inferred.logits, c)
        return config.iic_weight * category_nll + config.equivariance_weight * style_nll(inferred, z[:, :2] + moved)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config = self.config
        given = self.latent.sample_batch(len(batch.x), batch.x.device)
        apply_penalty = config.penalizes(batch.step)

        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = self.G(given.z, given.y)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        (real_logits, real_codes), (fake_logits, fake_codes) = self.D(x), self.D(fake_detached)
        loss_d, losses = penalized_d_loss(config, real_logits, fake_logits, x, fake_detached)
        loss_d = loss_d + config.info_weight * self.code_nll(fake_codes, given.z, given.y)
        if config.reads_copies:
            codes, moved = self.deformed_codes(torch.cat([batch.x, fake_detached.detach()]))
            real_copies, fake_copies = map(Codes, codes.logits.chunk(2), codes.continuous.chunk(2))
            mutual_info = iic_mutual_information(real_codes.logits.softmax(1), real_copies.logits.softmax(1))
            copy_nll = self.copy_nll(fake_copies, moved[len(x):], given.z, given.y)
            loss_d = loss_d + copy_nll - config.iic_weight * mutual_info
            losses |= {"mutual_info": mutual_info.detach(), "loss_copies": copy_nll.detach()}
        optimizer_step(optimizers["D"], loss_d)

        with frozen(self.D):
            with torch.no_grad():
                real_logits = self.D(batch.x)[0]
            fake_logits, fake_codes = self.D(fake, backprop_to_backbone=True)
            loss_g = generator_loss(config.loss, real_logits, fake_logits)
            loss_q = self.code_nll(fake_codes, given.z, given.y)
            info = config.info_weight * loss_q
            if config.reads_copies:
                info = info + self.copy_nll(*self.deformed_codes(fake, True), given.z, given.y)
            optimizer_step(optimizers["G"], loss_g + info)
        return losses | {"loss_g": loss_g.detach(), "loss_q": loss_q.detach()}
