"""VAE/GAN: Larsen et al. 2016, arXiv:1512.09300.

A VAE whose reconstructions are judged by what a discriminator notices in them, instead of pixel by pixel: a stroke that
is a pixel off costs little there, and one that is blurred costs much. The discriminator learns by the GAN's game, in
which reconstructions and samples of the prior are both the forgeries. By default the decoder heeds its verdict more
than the likeness: a VAE of digits is sharp already, and what there is to be gained is cleaner samples.

What differs from the paper: a plain VAE comes first, whose error in pixels then fades out, since few steps are taken;
the error in features, which has no scale of its own, is divided by its running mean; loss and penalties are those of
the GANs here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.capabilities import GaussianPosterior
from genmodels.config import at_least
from genmodels.images import to_unit
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import ConvEncoder, ConvGenerator, clipped_tanh, frozen, lrelu, optimizer_step
from genmodels.nn.losses import bernoulli_nll, generator_loss


@dataclass(frozen=True)
class Config(GANConfig):
    latent_dim: int = 20
    encoder_channels: int = 24  # feature maps of the encoder at 14x14, doubled at 7x7
    decoder_channels: int = 64  # feature maps of the decoder at 7x7, halved at each doubling of the size
    decoder_hidden: int = at_least(0, default=128)  # units of each of two layers before the projection; 0 is none
    d_channels: int = 48  # feature maps of D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of the encoder's last hidden layer, and of D's
    likeness: float = 60.0  # nats that the mean error in features counts for the encoder, beside the KL divergence
    gamma: float = 0.1  # weight of the error in features for the decoder, beside D's verdict
    pixel_steps: int = at_least(0, default=1_500)  # of a plain VAE at first; 0 is the paper
    fade_steps: int = 500  # in which the error in pixels fades out after that
    steps: int = 18_000
    lr: float = 6e-4


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.encoder_channels, config.feature_dim, config.image_shape)
        self.mu = nn.Linear(config.feature_dim, config.latent_dim)
        self.logvar = nn.Linear(config.feature_dim, config.latent_dim)

    def forward(self, x: Tensor) -> GaussianPosterior:
        h = self.backbone(x)
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.net = ConvGenerator(config.latent_dim, config.decoder_channels, config.decoder_hidden, config.image_shape)

    def forward(self, z: Tensor) -> Tensor:
        return self.net(z).float()  # unbounded, [N, C, H, W]


class Discriminator(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.d_channels, config.feature_dim, config.image_shape)
        self.head = nn.Linear(config.feature_dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.verdict(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """Dis_l of the paper: images -> maps [N, 2 d_channels, H/4, W/4], in which likeness is judged."""
        net = self.backbone
        return net.conv7(lrelu(net.down7(lrelu(net.conv14(lrelu(net.down14(x)))))))

    def verdict(self, maps: Tensor) -> Tensor:
        """The logit [N] of images with these features."""
        return self.head(lrelu(self.backbone.project(lrelu(maps).flatten(1)))).squeeze(1).float()


class VAEGAN(GenerativeModel):
    Config = Config
    info = ModelInfo(
        paper="Larsen et al., Autoencoding beyond pixels using a learned similarity metric", year=2016,
        url="https://arxiv.org/abs/1512.09300", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.D = Discriminator(config)
        self.register_buffer("mean_error", torch.zeros(()))  # in features, over the last steps; 0 before the first

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("z", self.config.latent_dim, role="style"),))

    def encode(self, x: Tensor, y: Tensor | None = None) -> GaussianPosterior:
        return self.encoder(x)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return clipped_tanh(self.decoder(z))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x).mean)

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D(x)

    def likeness_features(self, x: Tensor) -> Tensor:
        return self.D.features(x)

    def feature_errors(self, x: Tensor, x_hat: Tensor) -> Tensor:
        """Where two images differ for D: half the squared distance of their features [N, H/4, W/4] (equation 7)."""
        return _errors(self.likeness_features(x), self.likeness_features(x_hat))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {
            "encoder": torch.optim.Adam(self.encoder.parameters(), self.config.lr),
            "decoder": torch.optim.Adam(self.decoder.parameters(), self.config.lr, betas),
            "D": torch.optim.Adam(self.D.parameters(), self.config.lr, betas),
        }

    def pixel_weight(self, step: int) -> float:
        """Of the plain VAE's loss at a step, from 1 to 0."""
        return min(1.0, max(0.0, 1 - (step - self.config.pixel_steps) / self.config.fade_steps))

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """Algorithm 1 of the paper: the encoder learns nothing from D's verdict, the decoder nothing from the KL."""
        config, pixels = self.config, self.pixel_weight(batch.step)
        posterior = self.encode(batch.x)
        kl = posterior.kl().sum(1).mean()
        logits = self.decoder(posterior.sample())
        loss_pixels = bernoulli_nll(2 * logits, to_unit(batch.x)).mean()  # sigmoid(2 h) is tanh(h) on [0, 1]
        losses = {"kl": kl.detach(), "loss_pixels": loss_pixels.detach()}
        loss_encoder, loss_decoder = kl + pixels * loss_pixels, pixels * loss_pixels
        if batch.step >= config.pixel_steps:
            x_hat = clipped_tanh(logits)
            x_prior = self.decode(self.latent.sample_batch(len(batch.x) // 2, batch.x.device).z)
            losses |= self._train_discriminator(batch, x_hat, x_prior, optimizers["D"])
            with frozen(self.D):
                error, loss_g = self._judge(batch.x, x_hat, x_prior)
            loss_encoder = loss_encoder + (1 - pixels) * config.likeness * error
            loss_decoder = loss_decoder + (1 - pixels) * config.gamma * error + loss_g
            losses |= {"error": error.detach() * self.mean_error, "loss_g": loss_g.detach()}
        optimizer_step(optimizers["encoder"], loss_encoder, keep_graph=True)
        optimizer_step(optimizers["decoder"], loss_decoder)
        return losses

    def _train_discriminator(self, batch: Batch, x_hat: Tensor, x_prior: Tensor,
                             optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
        apply_penalty = self.config.penalizes(batch.step)
        x = batch.x.detach().requires_grad_(apply_penalty)
        fake = _forgeries(x_hat, x_prior).detach().requires_grad_(apply_penalty)
        loss, losses = penalized_d_loss(self.config, self.D(x), self.D(fake), x, fake)
        optimizer_step(optimizer, loss)
        return losses

    def _judge(self, x: Tensor, x_hat: Tensor, x_prior: Tensor) -> tuple[Tensor, Tensor]:
        """The error of reconstructions in D's features, in units of its running mean; the generator's loss."""
        with torch.no_grad():
            real = self.D.features(x)
            real_logits = self.D.verdict(real)
        maps = self.D.features(x_hat)
        error = _errors(real, maps).mean()
        with torch.no_grad():
            decay = 0.98 if self.mean_error else 0.0
            self.mean_error.copy_(decay * self.mean_error + (1 - decay) * error)
        fake = _forgeries(maps, self.D.features(x_prior))
        return error / self.mean_error, generator_loss(self.config.loss, real_logits, self.D.verdict(fake))


def _errors(a: Tensor, b: Tensor) -> Tensor:
    """Half the squared distance of features [N, C, H, W] at each place [N, H, W]."""
    return (a.float() - b.float()).square().sum(1) / 2


def _forgeries(reconstructed: Tensor, sampled: Tensor) -> Tensor:
    """As many as there are real images: half of them reconstructions, half samples of the prior."""
    return torch.cat([reconstructed[len(sampled) :], sampled])
