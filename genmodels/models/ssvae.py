"""Semi-supervised VAE: Kingma et al. 2014 (M2, arXiv:1406.5298), with captions as in Pu et al. 2016 (arXiv:1609.08976).

A few images have labels, the rest have none. Of a labeled image the bound is the conditional VAE's. Of any other one
the label is a latent too: the bound is the mean of the labeled bounds over what the classifier q(y | x) believes, plus
the entropy of that belief. So a belief pays where it lets the image be described in fewer nats, and the classifier
learns from images that nobody labeled. The mean over all labels is computed, not sampled.

``agreement`` asks besides that q(y | x) stays the same when the image is turned, stretched and moved a little, as in
unsupervised data augmentation (Xie et al. 2019, arXiv:1904.12848); 0 is the papers' loss. As in Pu et al. a recurrent
network says in words what the latents hold; here it learns beside the rest and changes nothing of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.capabilities import Elbo, GaussianPosterior
from genmodels.captions import LANGUAGES, fit_limits, measure, sentences, values_of
from genmodels.config import BaseConfig, at_least
from genmodels.data.splits import ImageSplit
from genmodels.images import from_unit, to_uint8, to_unit
from genmodels.latents import Categorical, LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.augment import random_affine
from genmodels.nn.caption_writer import CaptionWriter
from genmodels.nn.layers import ConvEncoder, init_weights, lrelu, one_hot, optimizer_step
from genmodels.nn.losses import bernoulli_nll

# The wider the better, as long as a digit stays what it is: chosen on the validation split.
DEFORMATION = {"degrees": 20, "scale": 0.25, "shear": 0.4, "translate": 0.12}


@dataclass(frozen=True)
class Config(BaseConfig):
    labels: int = at_least(10, default=100)  # images whose label training sees, as many of each class
    label_draw: int = at_least(0, default=0)  # which images those are: the seed of the choice
    agreement: float = 0.0  # weight of the agreement of q(y | x) under deformations, in nats; 0 is the papers' loss
    class_weight: float = 20.0  # of q(y | x) on labeled images, in nats (alpha of equation 9)
    class_warmup: int = at_least(0, default=200)  # steps in which q(y | x) learns from labels alone
    latent_dim: int = 32  # latents, for the style alone
    onehot_scale: float = 8.0  # of the label beside the latents; at 1 the decoder learns to use them, not it
    hidden: int = 500  # units of each of two layers of q(z | x, y) and of the decoder
    aux_channels: int = 16  # feature maps of q(y | x) at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of the last hidden layer of q(y | x)
    dropout: float = 0.3  # of those units
    word_dim: int = 16  # of a word's vector, in captions
    text_dim: int = 64  # units of the network that writes them
    steps: int = 4_000
    batch_size: int = 64  # images without label, and half as many with one
    lr: float = 1e-3


class Classifier(nn.Module):
    """q(y | x): images -> class logits [N, classes]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = ConvEncoder(config.aux_channels, config.feature_dim, config.image_shape)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.feature_dim, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.dropout(self.backbone(x))).float()


class Encoder(nn.Module):
    """q(z | x, y)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.pixels = nn.Linear(math.prod(config.image_shape), config.hidden)
        self.hidden = nn.Linear(config.hidden + config.classes, config.hidden)
        self.mu = nn.Linear(config.hidden, config.latent_dim)
        self.logvar = nn.Linear(config.hidden, config.latent_dim)
        self.classes = config.classes
        init_weights(self)

    def forward(self, x: Tensor, y: Tensor) -> GaussianPosterior:
        return self.of_features(self.features(x), y)

    def features(self, x: Tensor) -> Tensor:
        return lrelu(self.pixels(x.flatten(1)))  # [N, hidden]

    def of_features(self, h: Tensor, y: Tensor) -> GaussianPosterior:
        h = lrelu(self.hidden(torch.cat([h, one_hot(y, self.classes)], 1)))
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    """p(x | y, z)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(config.latent_dim + config.classes, config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.out = nn.Linear(config.hidden, math.prod(config.image_shape))
        self.image_shape, self.classes, self.scale = config.image_shape, config.classes, config.onehot_scale
        init_weights(self)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        h = lrelu(self.hidden1(torch.cat([z, self.scale * one_hot(y, self.classes)], 1)))
        return self.out(lrelu(self.hidden2(h))).float().unflatten(1, self.image_shape)  # logits of a white pixel


class SSVAE(GenerativeModel):
    Config = Config
    pixel_likelihood = "bernoulli"
    needs_labels = True
    info = ModelInfo(
        paper="Kingma et al., Semi-Supervised Learning with Deep Generative Models", year=2014,
        url="https://arxiv.org/abs/1406.5298", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.classifier = Classifier(config)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        if config.classes > sentences.SIZES[0]:
            raise TypeError(f"there are words for {sentences.SIZES[0]} digits, not for {config.classes} classes")
        self.writer = CaptionWriter(config.latent_dim + config.classes, len(sentences.tokens()), config.word_dim,
                                    config.text_dim)
        self.register_buffer("limits", torch.zeros(1, 3, 2))
        self.labeled: ImageSplit | None = None  # set by ``prepare``

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Categorical("digit", self.config.classes),
                           Normal("z", self.config.latent_dim, role="style")))

    def classify(self, x: Tensor) -> Tensor:
        return self.classifier(x)

    def encode(self, x: Tensor, y: Tensor | None = None) -> GaussianPosterior:
        return self.encoder(x, y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return from_unit(torch.sigmoid(self.decoder(z, y)))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode(self.encode(x, y).mean, y)

    def elbo(self, x: Tensor, z: Tensor, posterior: GaussianPosterior, y: Tensor | None = None) -> Elbo:
        """Equation 6 but for log p(y); pixels are Bernoulli, gray levels taken as probabilities."""
        return Elbo(bernoulli_nll(self.decoder(z, y), to_unit(x)), posterior.kl().sum(1))

    def caption(self, x: Tensor, language: str) -> list[str]:
        y = self.classify(x).argmax(1)
        vectors = self._caption_vectors(self.encode(x, y).mean, y)
        length = sentences.sentence_table().shape[-1] - 1
        written = self.writer.write(vectors, sentences.start_of(language), length)
        return [sentences.join(row) for row in written.cpu().numpy()]

    def _caption_vectors(self, z: Tensor, y: Tensor) -> Tensor:
        return torch.cat([z, one_hot(y, self.config.classes)], 1)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr, fused=True)}

    def prepare(self, split: ImageSplit) -> ImageSplit:
        """The images without their labels, after the few that training sees are put by and the words' limits found."""
        measured = measure(gray(split.images.numpy()))
        self.limits.copy_(torch.from_numpy(fit_limits(measured, np.zeros(len(measured), np.int64), 1)))
        rows = choose_labeled(split.labels, self.config.classes, self.config.labels, self.config.label_draw)
        self.labeled = split[rows]
        return ImageSplit(split.images)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """Equations 6 to 9, in nats per image, but for the constant log p(y)."""
        config, x_u = self.config, batch.x
        n, k, device = len(x_u), config.classes, x_u.device
        x_l, y_l = self.labeled.batch(torch.randint(len(self.labeled), ((n + 1) // 2,)), device)
        x = torch.cat([x_u, x_l])
        logits = self.classifier(x)
        loss_class = F.cross_entropy(logits[n:], y_l)
        log_belief = logits[:n].log_softmax(1)
        if batch.step < config.class_warmup:
            log_belief = log_belief.detach()
        belief = log_belief.exp()  # [N, classes]

        # Rows: every label of each image without one, then the images with theirs.
        every = torch.arange(k, device=device)
        y = torch.cat([every.repeat(n), y_l])
        rows = torch.cat([torch.arange(n, device=device).repeat_interleave(k),
                          torch.arange(n, len(x), device=device)])
        binary = from_unit(torch.bernoulli(to_unit(x)))
        posterior = self.encoder.of_features(self.encoder.features(binary)[rows], y)
        bound = self.elbo(binary[rows], posterior.sample(), posterior, y)
        nll, kl = ((belief * part[: n * k].view(n, k)).sum(1).mean() for part in (bound.reconstruction_nll, bound.kl))
        entropy = -(belief * log_belief).sum(1).mean()
        loss = nll + kl - entropy - bound.elbo[n * k :].mean() + config.class_weight * loss_class
        losses = {"reconstruction_nll": nll, "kl": kl, "entropy": entropy, "loss_class": loss_class}
        if config.agreement:
            losses["disagreement"] = self._disagreement(x, torch.cat([belief.detach(), one_hot(y_l, k)]))
            loss = loss + config.agreement * losses["disagreement"]
        y_u = belief.argmax(1)
        mean = posterior.mu[: n * k].view(n, k, -1)[torch.arange(n, device=device), y_u]
        losses["loss_caption"] = self._caption_loss(x_u[::2], mean[::2].detach(), y_u[::2])
        optimizer_step(optimizers["vae"], loss + losses["loss_caption"])
        return {name: value.detach() for name, value in losses.items()}

    def _disagreement(self, x: Tensor, belief: Tensor) -> Tensor:
        """Of q(y | x) on deformed images with what it believes of them as they are, or their label; nats per image."""
        return F.cross_entropy(self.classifier(random_affine(x, **DEFORMATION)), belief)

    def _caption_loss(self, x: Tensor, z: Tensor, y: Tensor) -> Tensor:
        """Of captions in either language, in nats per token: the digit is what the classifier believes, the other words
        are measured in the image."""
        measured = measure(gray(to_uint8(x)))
        rows = np.zeros(len(measured), np.int64)
        values = torch.from_numpy(values_of(measured, rows, self.limits.cpu().numpy(), dead_band=False)).to(y.device)
        language = torch.randint(len(LANGUAGES), (len(y),), device=y.device)
        wanted = torch.from_numpy(sentences.sentence_table()).to(y.device)[language, y, values[:, 1], values[:, 2]]
        return self.writer.loss(self._caption_vectors(z, y), wanted)


def choose_labeled(labels: Tensor, classes: int, count: int, draw: int) -> Tensor:
    """The rows of ``count`` images, as many of each class but for a remainder, int64; ``draw``: seed of the choice."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(draw))
    shares = [count // classes + (k < count % classes) for k in range(classes)]
    return torch.cat([order[labels[order] == k][:share] for k, share in enumerate(shares)])


def gray(images: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W], or the mean of [N, H, W, 3]: strokes are measured without their color."""
    return images if images.ndim == 3 else images.mean(3)
