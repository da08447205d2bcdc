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

Two more make c2 and c3 mean one thing each, and leave the digits to c1: the Gaussians by which Q infers them grow
narrow once c1 has its digits; and Q infers them from the features that D has anyway, so that they do not compete with
c1 for those.
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
from genmodels.nn.augment import random_affine
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, lrelu, one_hot, optimizer_step
from genmodels.nn.losses import generator_loss, iic_mutual_information


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 62  # normal noise; 62 as in the paper
    categories: int = 10  # values of the categorical code c1
    onehot_scale: float = 8.0  # of c1's one-hot beside noise of variance 1 (Mukherjee 2019); 1 is the paper
    info_weight: float = 1.0  # lambda, weight of the mutual-information bound (equation 6)
    code_std: float = 0.3  # of the Gaussians by which Q infers c2 and c3, in the end; 1 is the paper
    code_std_warmup: int = at_least(0, default=3_000)  # steps at 1; it falls in as many more; 0 is none
    iic_weight: float = 1.0  # weight of the invariance of c1 to deformations (Ji et al. 2019); 0 is the paper
    g_channels: int = 96  # feature maps of G at 7x7, halved at each doubling of the size
    d_channels: int = 48  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    steps: int = 9_000
    lr: float = 5e-4


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        inputs = config.noise_dim + 2 + config.categories
        self.net = ConvGenerator(inputs, config.g_channels, image_shape=config.image_shape)
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

    def code_precision(self, step: int) -> float:
        """1 / variance of the Gaussians of c2 and c3 at a step."""
        warmup = self.config.code_std_warmup
        narrowing = min(1.0, max(0.0, step / warmup - 1)) if warmup else 1.0
        return 1 + narrowing * (1 / self.config.code_std**2 - 1)

    def code_nll(self, inferred: Codes, z: Tensor, c: Tensor, precision: float) -> Tensor:
        """-L_I of equation 5 without its constants, in nats: how badly Q infers the codes that were given."""
        continuous = precision * (inferred.continuous - z[:, :2]).square().sum(1).mean() / 2
        return F.cross_entropy(inferred.logits, c) + continuous

    def augmented_code_logits(self, x: Tensor) -> Tensor:
        """Logits of the category that Q infers from sheared, scaled, rotated copies of images."""
        return self.D(random_affine(x, degrees=15, scale=0.3, shear=0.4))[1].logits

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config = self.config
        given = self.latent.sample_batch(len(batch.x), batch.x.device)
        precision = self.code_precision(batch.step)
        apply_penalty = config.penalizes(batch.step)

        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = self.G(given.z, given.y)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        (real_logits, real_codes), (fake_logits, fake_codes) = self.D(x), self.D(fake_detached)
        loss_d, losses = penalized_d_loss(config, real_logits, fake_logits, x, fake_detached)
        loss_d = loss_d + config.info_weight * self.code_nll(fake_codes, given.z, given.y, precision)
        if config.iic_weight:
            both = torch.cat([batch.x, fake_detached.detach()])
            copy_logits, fake_copy_logits = self.augmented_code_logits(both).chunk(2)
            mutual_info = iic_mutual_information(real_codes.logits.softmax(1), copy_logits.softmax(1))
            loss_d = loss_d + config.iic_weight * (F.cross_entropy(fake_copy_logits, given.y) - mutual_info)
            losses["mutual_info"] = mutual_info.detach()
        optimizer_step(optimizers["D"], loss_d)

        with frozen(self.D):
            with torch.no_grad():
                real_logits = self.D(batch.x)[0]
            fake_logits, fake_codes = self.D(fake, backprop_to_backbone=True)
            loss_g = generator_loss(config.loss, real_logits, fake_logits)
            loss_q = self.code_nll(fake_codes, given.z, given.y, precision)
            info = config.info_weight * loss_q
            if config.iic_weight:
                info = info + config.iic_weight * F.cross_entropy(self.augmented_code_logits(fake), given.y)
            optimizer_step(optimizers["G"], loss_g + info)
        return losses | {"loss_g": loss_g.detach(), "loss_q": loss_q.detach()}
