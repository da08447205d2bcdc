"""Deterministic autoencoder: Bank, Koenigstein & Giryes 2021, arXiv:2003.05991.

An encoder squeezes an image into a few numbers, a decoder draws it again from those; nothing but the reconstruction is
asked for. So the codes have no prior: nothing says which of them decode to a digit. To be sampled from nevertheless,
the model gets a Gaussian mixture, fitted to the codes of the training images once it is trained (as Ghosh et al. 2020,
arXiv:1903.12436, do); what that takes is the VAE's reason to exist. Networks as in the VAE.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.capabilities import PointPosterior
from genmodels.config import BaseConfig, at_least
from genmodels.images import from_uint8, from_unit, to_unit
from genmodels.latents import GaussianMixture, LatentSpec
from genmodels.model import Batch, GenerativeModel, ModelInfo, map_in_batches
from genmodels.nn.layers import ConvEncoder, ConvGenerator, optimizer_step
from genmodels.nn.losses import bernoulli_nll
from genmodels.nn.mixture import fit_gaussian_mixture


@dataclass(frozen=True)
class Config(BaseConfig):
    latent_dim: int = 32  # numbers of a code
    encoder_channels: int = 32  # feature maps of the encoder at 14x14, doubled at 7x7
    decoder_channels: int = 96  # feature maps of the decoder at 7x7, halved at each doubling of the size
    decoder_hidden: int = at_least(0, default=256)  # units of each of two layers before the projection; 0 is none
    feature_dim: int = 256  # units of the encoder's last hidden layer
    components: int = 50  # Gaussians of the mixture that is fitted to the codes
    steps: int = 14_000
    batch_size: int = 64
    lr: float = 1e-3  # at twice that, training may stop at once in an image that is all background


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.encoder_channels, config.feature_dim, config.image_shape)
        self.code = nn.Linear(config.feature_dim, config.latent_dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.code(self.backbone(x)).float()  # [N, latent_dim]


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.latent_dim, config.decoder_channels, config.decoder_hidden, config.image_shape)

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z).float()  # logits of a white pixel, [N, C, H, W]

    @property
    def first(self) -> nn.Linear:
        """The layer that the code enters."""
        return self.net.mapping[0] if self.net.mapping else self.net.project


class AE(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Bank, Koenigstein & Giryes, Autoencoders", year=2021,
        url="https://arxiv.org/abs/2003.05991", family="autoencoder",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        standard = torch.zeros(config.components, 1 + 2 * config.latent_dim)  # until ``finish`` knows better
        standard[:, 0], standard[:, 1 + config.latent_dim :] = 1 / config.components, 1
        self.register_buffer("mixture", standard)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((GaussianMixture.of("z", self.mixture),))

    def encode(self, x: Tensor, y: Tensor | None = None) -> PointPosterior:
        return PointPosterior(self.encoder(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z)))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x).mean)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"ae": torch.optim.Adam([*self.encoder.parameters(), *self.decoder.parameters()], self.config.lr)}

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """Cross-entropy, gray levels taken as probabilities: squared errors behind a sigmoid can stop learning."""
        loss = bernoulli_nll(self.decoder(self.encoder(batch.x)), to_unit(batch.x)).mean()
        optimizer_step(optimizers["ae"], loss)
        return {"loss": loss.detach()}

    @torch.no_grad()
    def finish(self, images: Tensor, labels: Tensor | None) -> None:
        """Whiten the codes, which have no scale of their own, and fit the mixture to them."""
        def codes() -> Tensor:
            device = self.mixture.device
            return map_in_batches(lambda x: self.encoder(from_uint8(x).to(device)).cpu(), images, batch_size=500)

        self._whiten(codes())
        self.mixture.copy_(fit_gaussian_mixture(codes(), self.config.components))

    def _whiten(self, codes: Tensor) -> None:
        """Change the two layers around the code so that codes like these [N, d] have mean 0 and covariance 1.

        The reconstructions stay as they are. The codes come in the order of their principal components.
        """
        mean = codes.mean(0)
        variance, axes = torch.linalg.eigh(torch.cov(codes.T.double()))
        order = variance.argsort(descending=True)
        std, axes = variance[order].clamp_min(1e-12).sqrt(), axes[:, order]
        mean, shrink, grow = (m.float().to(self.mixture.device) for m in (mean, axes / std, axes * std))
        code, first = self.encoder.code, self.decoder.first
        code.weight.copy_(shrink.T @ code.weight)
        code.bias.copy_(shrink.T @ (code.bias - mean))
        first.bias.add_(first.weight @ mean)
        first.weight.copy_(first.weight @ grow)
