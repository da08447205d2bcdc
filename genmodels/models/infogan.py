"""InfoGAN: Chen et al. 2016, arXiv:1606.03657.

A GAN whose latent has a few codes beside the noise, and a recognition network Q, sharing D's trunk, that must read
the codes back from the picture: G can only help it by making the codes visible. One categorical code of ten values
and two continuous ones; no label is ever seen. Otherwise it is DCGAN.

Two defaults help the ten codes to settle on the ten digits, without labels still. The category must survive slanting
and stretching: Q is to read the same in a real picture and in a deformed copy (invariant information clustering, Ji et
al. 2019), and the asked one in deformed copies of G's pictures, so that two codes cannot share a digit between them by
its slant or width, and these are left to the continuous codes. And c1 enters G larger than the noise, as in ClusterGAN
(Mukherjee et al. 2019, arXiv:1809.03627), so that the largest differences between pictures fall to it.
``invariance=0`` and ``category_scale=1`` are the paper's model.

Two more let c2 and c3 mean one thing each, and leave the digits to c1: the Gaussians by which Q reads them grow narrow
once c1 has its digits; and Q reads them from what D's trunk sees anyway, so that they take nothing of it from c1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.augment import random_affine
from genmodels.latents import Categorical, LatentSpec, Normal, Uniform
from genmodels.layers import ConvGenerator, ConvTrunk, descend, frozen, leaky, one_hot, to_range
from genmodels.losses import discriminator_loss, generator_loss, gradient_penalty, paired_information
from genmodels.model import BaseConfig, Batch, Codes, GenerativeModel, ModelInfo


@dataclass(frozen=True)
class Config(BaseConfig):
    noise_dim: int = 62  # normal noise; 62 as in the paper
    categories: int = 10  # values of the categorical code c1
    category_scale: float = 8.0  # of c1's one-hot beside noise of variance 1 (Mukherjee 2019); 1 is the paper
    info: float = 1.0  # lambda, weight of the mutual-information bound (equation 6)
    deviation: float = 0.3  # of the Gaussians about what Q reads of c2 and c3, in the end; 1 is the paper
    settle: int = 3_000  # steps in which it is 1, so that c1 takes the digits; it falls during as many more
    invariance: float = 1.0  # weight of the invariance of c1 to deformations (Ji et al. 2019); 0 is the paper
    g_width: int = 96  # channels of G at 7x7, halved at each doubling of the side
    d_width: int = 48  # channels of D at 14x14, doubled at 7x7
    features: int = 128  # units of D's last hidden layer
    loss: str = "relativistic"  # minimax | nonsaturating (Goodfellow 2014) | relativistic (R3GAN, Huang 2024)
    r1: float = 1.0  # weight of the penalty on D's gradient at real pictures (Mescheder 2018); 0 is none
    r2: float = 1.0  # the same at generated pictures
    penalty_every: int = 4  # steps between penalties, weighted up to match (lazy regularisation, Karras 2020)
    beta1: float = 0.0  # Adam's momentum, of D and G
    steps: int = 9_000
    lr: float = 5e-4
    precision: str = "bfloat16"


class Generator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.noise_dim + 2 + config.categories, config.g_width)
        self.categories, self.scale = config.categories, config.category_scale

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return to_range(self.net(torch.cat([z, self.scale * one_hot(c, self.categories)], 1)).float())


class Discriminator(nn.Module):
    """D and Q: one trunk, a head for each."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.trunk = ConvTrunk(config.d_width, config.features)
        self.head = nn.Linear(config.features, 1)
        self.q_hidden = nn.Linear(config.features, config.features)
        self.q_category = nn.Linear(config.features, config.categories)
        self.q_style = nn.Linear(config.features, config.features)
        self.q_continuous = nn.Linear(config.features, 2)

    def forward(self, x: Tensor, whole: bool = False) -> tuple[Tensor, Codes]:
        """Logits [N] and codes read; what c2 and c3 teach reaches the trunk only where the ``whole`` is asked for."""
        h = self.trunk(x)
        q = leaky(self.q_hidden(h))
        style = leaky(self.q_style(h if whole else h.detach()))
        codes = Codes(self.q_category(q).float(), self.q_continuous(style).float())
        return self.head(h).squeeze(1).float(), codes


class InfoGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        title="InfoGAN", paper="Chen et al., InfoGAN: Interpretable Representation Learning", year=2016,
        url="https://arxiv.org/abs/1606.03657", family="GAN",
        summary="Nobody told it which digit is which: a few codes must be readable in the picture, and so they come "
        "to mean digit and style by themselves.",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.G = Generator(config)
        self.D = Discriminator(config)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((
            Categorical("c1", self.config.categories, is_label=False), Uniform("c2", 1), Uniform("c3", 1),
            Normal("noise", self.config.noise_dim),
        ))

    def sample(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return self.G(z, c)

    def score(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        return self.D(x)[0]

    def recognise(self, x: Tensor) -> Codes:
        return self.D(x)[1]

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
            "G": torch.optim.Adam(self.G.parameters(), self.config.lr, betas),
        }

    def weight(self, step: int) -> float:
        """1 / variance of the Gaussians at a step."""
        fall = min(1.0, max(0.0, step / self.config.settle - 1)) if self.config.settle else 1.0
        return 1 + fall * (1 / self.config.deviation**2 - 1)

    def bound(self, read: Codes, z: Tensor, c: Tensor, weight: float) -> Tensor:
        """-L_I of equation 5 less constants, in nats: how badly Q reads the codes, Gaussian ones of 1 / ``weight``."""
        continuous = weight * (read.continuous - z[:, :2]).square().sum(1).mean() / 2
        return F.cross_entropy(read.logits, c) + continuous

    def read_twins(self, x: Tensor) -> Tensor:
        """Logits of the category that Q reads in slanted, stretched, turned copies of pictures."""
        return self.D(random_affine(x, degrees=15, stretch=0.3, shear=0.4))[1].logits

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        config, kind = self.config, self.config.loss
        noise = self.latent.noise(len(batch.x), batch.x.device)
        weight = self.weight(batch.step)
        penalise = (config.r1 > 0 or config.r2 > 0) and batch.step % config.penalty_every == 0

        x = batch.x.detach().requires_grad_(penalise)
        drawn = self.G(noise.z, noise.c)
        x_fake = drawn.detach().requires_grad_(penalise)
        (real, real_codes), (fake, fake_codes) = self.D(x), self.D(x_fake)
        d_loss = discriminator_loss(kind, real, fake)
        losses = {"d": d_loss.detach()}
        if penalise:
            r1, r2 = gradient_penalty(real, x), gradient_penalty(fake, x_fake)
            d_loss = d_loss + config.penalty_every * (config.r1 * r1 + config.r2 * r2)
            losses |= {"r1": r1.detach(), "r2": r2.detach()}
        d_loss = d_loss + config.info * self.bound(fake_codes, noise.z, noise.c, weight)
        if config.invariance:
            twin_logits, fake_twin_logits = self.read_twins(torch.cat([batch.x, x_fake.detach()])).chunk(2)
            shared = paired_information(real_codes.logits.softmax(1), twin_logits.softmax(1))
            d_loss = d_loss + config.invariance * (F.cross_entropy(fake_twin_logits, noise.c) - shared)
            losses["shared"] = shared.detach()
        descend(optimizers["D"], d_loss)

        with frozen(self.D):
            with torch.no_grad():
                real = self.D(batch.x)[0]
            fake, fake_codes = self.D(drawn, whole=True)
            g_loss = generator_loss(kind, real, fake)
            q_loss = self.bound(fake_codes, noise.z, noise.c, weight)
            info = config.info * q_loss
            if config.invariance:
                info = info + config.invariance * F.cross_entropy(self.read_twins(drawn), noise.c)
            descend(optimizers["G"], g_loss + info)
        return losses | {"g": g_loss.detach(), "q": q_loss.detach()}
