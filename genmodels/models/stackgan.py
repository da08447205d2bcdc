"""StackGAN: Zhang et al. 2016, arXiv:1612.03242.

Words become an image in two stages. Stage I turns noise and words into a small image, 14x14, with the rough shape and
stroke; Stage II reads that image and the words again and draws 28x28. The words reach each generator by conditioning
augmentation: it gets a sample from a Gaussian around what they mean, held near N(0, I), so that neighboring captions
share their images. Each D sees three kinds of pairs: a real image with its caption, a generated one with its caption,
and a real one with a caption that does not fit.

What differs from the paper: the text encoder is not trained beforehand on sentences, but with each network, and it is
a sum of word vectors with one layer on top, since the order of words says nothing here; a caption that does not fit is
wrong in one word, which is harder to tell than one of another image; the loss is relativistic with R1 and R2. Each D
also learns to tell the properties of real images, and G is held to those that were asked for: the auxiliary classifier
of Odena et al. 2017 (arXiv:1610.09585). ``aux_weight=0`` is without.

What a caption leaves open is drawn before the image is: a word for it, each value as likely as the others, since the
limits between them part the digits into thirds. Noise alone varies it too little, and prefers some digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.captions import UNSAID, VOCABULARY, described, fit_limits, measure, values_of
from genmodels.data.splits import ImageSplit
from genmodels.latents import Categorical, LatentSpec, Normal, Uniform
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.adversarial import GANConfig, penalized_d_loss
from genmodels.nn.layers import (
    ConvEncoder,
    clipped_tanh,
    frozen,
    init_weights,
    lrelu,
    optimizer_step,
    quarter_size,
)
from genmodels.nn.losses import discriminator_loss, gaussian_kl, generator_loss
from genmodels.nn.random_captions import SIZES, choose_said, choose_words, contradict, synonym_table

STAGES = 2


@dataclass(frozen=True)
class Config(GANConfig):
    noise_dim: int = 64  # normal noise, of Stage I
    word_dim: int = 64  # of a word's vector
    text_dim: int = 64  # of a caption's
    code_dim: int = 32  # of the Gaussian around a caption, in each stage
    kl_weight: float = 0.1  # of that Gaussian's divergence from N(0, I), in nats per dimension; the paper has 1
    g_channels: int = 96  # feature maps of both generators at 7x7, halved at each doubling of the size
    d_channels: int = 48  # feature maps of both D at 14x14, doubled at 7x7
    feature_dim: int = 128  # units of D's last hidden layer
    residual_blocks: int = 2  # of Stage II, at 7x7
    aux_weight: float = 1.0  # weight of the auxiliary classifier (Odena 2017), in nats; 0 is none
    omit_digit: float = 0.1  # how often a caption leaves the digit out
    omit_property: float = 0.35  # how often it leaves out each of the other properties
    # Digits that training never sees, to measure what words mean in combinations that are new.
    held_out: str = "thick upright two; thin right four; thick right six; thin left eight; medium left one"
    stage1_steps: int = 7_500  # of ``steps``; then Stage I is fixed, and Stage II is trained
    steps: int = 17_500
    lr: float = 5e-4


class TextEncoder(nn.Module):
    """Words int64 [N, properties], 0 for none -> [N, text_dim]: the sum of their vectors, and one layer.

    The vectors are small and scaled up, so that Adam moves them faster than other weights (as in Karras et al. 2018,
    arXiv:1710.10196, section 4.1): each is in few captions, and until words can be told apart nothing else is learned.
    """

    GAIN = 10

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.words = nn.Embedding(len(VOCABULARY) + 1, config.word_dim, padding_idx=0)
        self.words.weight.data.mul_(0.5 / self.GAIN)
        self.layer = nn.Linear(config.word_dim, config.text_dim)
        init_weights(self)

    def forward(self, words: Tensor) -> Tensor:
        return lrelu(self.layer(self.GAIN * self.words(words).sum(1)))


class Conditioning(nn.Module):
    """Conditioning augmentation: the paper's section 3.2. Words and normal noise -> a sample, and its KL divergence."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.text = TextEncoder(config)
        self.gaussian = nn.Linear(config.text_dim, 2 * config.code_dim)
        init_weights(self)
        nn.init.zeros_(self.gaussian.weight[config.code_dim :])
        nn.init.constant_(self.gaussian.bias[config.code_dim :], -4)  # log variance: narrow at first

    def forward(self, words: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        mu, logvar = self.gaussian(self.text(words)).float().chunk(2, 1)
        return mu + torch.exp(0.5 * logvar) * noise, gaussian_kl(mu, logvar).mean()


class Stage1(nn.Module):
    """Noise and words -> [N, C, H/2, W/2] in [-1, 1]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, half = config.g_channels, config.g_channels // 2
        self.shape = channels, *quarter_size(config.image_shape)
        self.condition = Conditioning(config)
        self.project = nn.Linear(config.noise_dim + config.code_dim, channels * self.shape[1] * self.shape[2])
        self.conv7 = nn.Conv2d(channels, channels, 3, padding=1)
        self.up14 = nn.ConvTranspose2d(channels, half, 4, stride=2, padding=1)
        self.conv14 = nn.Conv2d(half, half, 3, padding=1)
        self.out = nn.Conv2d(half, config.channels, 3, padding=1)
        init_weights(self)

    def forward(self, noise: Tensor, words: Tensor, augmentation: Tensor) -> tuple[Tensor, Tensor]:
        code, kl = self.condition(words, augmentation)
        h = lrelu(self.project(torch.cat([noise, code], 1))).unflatten(1, self.shape)
        h = lrelu(self.up14(lrelu(self.conv7(h))))
        return clipped_tanh(self.out(lrelu(self.conv14(h))).float()), kl


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        init_weights(self)
        nn.init.zeros_(self.conv2.weight)  # it begins as the identity

    def forward(self, h: Tensor) -> Tensor:
        return h + self.conv2(lrelu(self.conv1(lrelu(h))))


class Stage2(nn.Module):
    """Stage I's image and the words -> [N, C, H, W] in [-1, 1]; its features at H/2 x W/2 are passed on, too."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, half, quarter = config.g_channels, config.g_channels // 2, config.g_channels // 4
        self.condition = Conditioning(config)
        self.read14 = nn.Conv2d(config.channels, half, 3, padding=1)
        self.down7 = nn.Conv2d(half, channels, 4, stride=2, padding=1)
        self.join7 = nn.Conv2d(channels + config.code_dim, channels, 3, padding=1)
        self.residuals = nn.Sequential(*(Residual(channels) for _ in range(config.residual_blocks)))
        self.up14 = nn.ConvTranspose2d(channels, half, 4, stride=2, padding=1)
        self.join14 = nn.Conv2d(2 * half, half, 3, padding=1)
        self.up28 = nn.ConvTranspose2d(half, quarter, 4, stride=2, padding=1)
        self.out = nn.Conv2d(quarter, config.channels, 3, padding=1)
        for layer in (self.read14, self.down7, self.join7, self.up14, self.join14, self.up28, self.out):
            init_weights(layer)

    def forward(self, small: Tensor, words: Tensor, augmentation: Tensor) -> tuple[Tensor, Tensor]:
        code, kl = self.condition(words, augmentation)
        fine = lrelu(self.read14(small))  # [N, half, H/2, W/2]
        h = lrelu(self.down7(fine))  # [N, channels, H/4, W/4]
        code = code.to(h.dtype)[:, :, None, None].expand(-1, -1, *h.shape[2:])
        h = lrelu(self.residuals(lrelu(self.join7(torch.cat([h, code], 1)))))
        h = lrelu(self.join14(torch.cat([lrelu(self.up14(h)), fine], 1)))
        return clipped_tanh(self.out(lrelu(self.up28(h))).float()), kl


class SmallEncoder(nn.Module):
    """``ConvEncoder`` for Stage I's images, which are half as large: one doubling less."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, (height, width) = config.d_channels, quarter_size(config.image_shape)
        self.conv14 = nn.Conv2d(config.channels, channels, 3, padding=1)
        self.down7 = nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1)
        self.conv7 = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1)
        self.project = nn.Linear(2 * channels * height * width, config.feature_dim)
        init_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        h = lrelu(self.conv7(lrelu(self.down7(lrelu(self.conv14(x))))))
        return lrelu(self.project(h.flatten(1)))


class Discriminator(nn.Module):
    """Does the image fit the words? Their inner product with the image's features (Miyato 2018, arXiv:1802.05637)."""

    def __init__(self, config: Config, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.text = TextEncoder(config)
        self.to_features = nn.Linear(config.text_dim, config.feature_dim)
        self.head = nn.Linear(config.feature_dim, 1)
        self.aux_head = nn.Linear(config.feature_dim, sum(SIZES))  # the auxiliary classifier

    def forward(self, h: Tensor, words: Tensor) -> Tensor:
        """The features ``backbone`` gives for images -> logits [N]."""
        fit = (h * self.to_features(self.text(words))).sum(1, keepdim=True) / h.shape[1] ** 0.5
        return (self.head(h) + fit).squeeze(1).float()

    def aux_loss(self, h: Tensor, values: Tensor) -> Tensor:
        """Cross-entropy of the properties' values int64 [N, properties], where they are said, in nats per image."""
        pairs = zip(self.aux_head(h).float().split(SIZES, 1), values.unbind(1), strict=True)
        total = sum(F.cross_entropy(logits, value, ignore_index=UNSAID, reduction="sum") for logits, value in pairs)
        return total / len(values)


class StackGAN(GenerativeModel):
    Config = Config
    needs_labels = True
    info = ModelInfo(
        paper="Zhang et al., StackGAN: Text to Photo-realistic Image Synthesis", year=2016,
        url="https://arxiv.org/abs/1612.03242", family="GAN",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        if config.classes > SIZES[0]:
            raise TypeError(f"there are words for {SIZES[0]} digits, not for {config.classes} classes")
        self.G1, self.G2 = Stage1(config), Stage2(config)
        self.D1 = Discriminator(config, SmallEncoder(config))
        self.D2 = Discriminator(config, ConvEncoder(config.d_channels, config.feature_dim, config.image_shape))
        self.register_buffer("limits", torch.zeros(config.classes, len(SIZES) - 1, 2))
        self.register_buffer("table", synonym_table(), persistent=False)

    def for_inference(self) -> StackGAN:
        self.D1 = None
        return self

    @property
    def latent(self) -> LatentSpec:
        """The digit is the caption where nothing else is said; ``stages`` takes any other.

        What is to be varied is in the words, so the noise has no sliders.
        """
        return LatentSpec((Categorical("digit", self.config.classes),
                           Normal("noise", self.config.noise_dim, editable=False),
                           Normal("augmentation", STAGES * self.config.code_dim, editable=False),
                           Uniform("unsaid", len(SIZES), editable=False)))

    @property
    def unseen(self) -> str:
        return self.config.held_out

    def digit_caption(self, y: Tensor) -> Tensor:
        """int64 [N] -> words that name the digit and leave all else open, [N, properties]."""
        return F.pad(self.table[0, 0, :, 0][y][:, None], (0, len(SIZES) - 1))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        return self.stages(z, self.digit_caption(y))[-1]

    def stages(self, z: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """Stage I's images [N, C, H/2, W/2] and Stage II's [N, C, H, W], in [-1, 1].

        ``words``: int64 [N, properties], for each property the number of a word of ``VOCABULARY``, or 0 where z is to
        choose one.
        """
        noise, first, second, unsaid = self._split(z)
        words = torch.where(words > 0, words, self._chosen_words(unsaid))
        small, _ = self.G1(noise, words, first)
        return small, self.G2(small, words, second)[0]

    def _split(self, z: Tensor) -> tuple[Tensor, ...]:
        """Noise, what each stage augments its conditioning with, and what chooses the words that are not said."""
        return z.split([self.config.noise_dim] + [self.config.code_dim] * STAGES + [len(SIZES)], 1)

    def _chosen_words(self, unsaid: Tensor) -> Tensor:
        """[N, properties] in [-1, 1] -> a word for each property, every value on an equal share of the interval."""
        sizes = unsaid.new_tensor([self.config.classes, *SIZES[1:]])
        values = ((unsaid + 1) / 2 * sizes).long().minimum(sizes.long() - 1)
        return self.table[0, torch.arange(len(SIZES), device=unsaid.device), values, 0]

    def score(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.D2(self.D2.backbone(x), self.digit_caption(y))

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        betas = (self.config.beta1, 0.99)
        return {name: torch.optim.Adam(getattr(self, name).parameters(), self.config.lr, betas)
                for name in ("D1", "G1", "D2", "G2")}

    def phase(self, step: int) -> tuple[int, int]:
        first = min(self.config.stage1_steps, self.config.steps)
        return (0, first) if step < first else (first, self.config.steps)

    def prepare(self, split: ImageSplit) -> ImageSplit:
        """The images, but for those held out, with the values of their properties as labels [N, properties]."""
        images, labels = split.images.numpy(), split.labels.numpy()
        if images.ndim == 4:  # colors
            images = images.mean(3)
        measured = measure(images)
        limits = fit_limits(measured, labels, self.config.classes)
        self.limits.copy_(torch.from_numpy(limits))
        values = torch.from_numpy(values_of(measured, labels, limits))
        decided = values_of(measured, labels, limits, dead_band=False)
        kept = torch.from_numpy(~described(decided, self.config.held_out))
        return ImageSplit(split.images[kept], values[kept])

    # ---- training

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """One step of the stage whose turn it is; ``batch.y``: the images' values, int64 [N, properties]."""
        config = self.config
        said = choose_said(batch.y, (config.omit_digit, *[config.omit_property] * (len(SIZES) - 1)))
        words, wrong = (choose_words(told, self.table) for told in (said, contradict(said, config.classes)))
        z = self.latent.sample_batch(len(words), batch.x.device).z
        noise, first, second, _ = self._split(z)
        if batch.step < config.stage1_steps:
            x, (fake, kl), stage = F.avg_pool2d(batch.x, 2), self.G1(noise, words, first), "1"
        else:
            with torch.no_grad():
                small, _ = self.G1(noise, words, first)
            x, (fake, kl), stage = batch.x, self.G2(small, words, second), "2"
        return self._adversarial_step(batch, x, fake, kl, (said, words, wrong), getattr(self, f"D{stage}"),
                                      optimizers[f"D{stage}"], optimizers[f"G{stage}"])

    def _adversarial_step(self, batch: Batch, x: Tensor, fake: Tensor, kl: Tensor, captions: tuple[Tensor, ...],
                          D: Discriminator, optimize_d: torch.optim.Optimizer,
                          optimize_g: torch.optim.Optimizer) -> dict[str, Tensor]:
        """The paper's equations 3 and 4, or 5 and 6."""
        config, (said, words, wrong) = self.config, captions
        apply_penalty = config.penalizes(batch.step)
        x = x.detach().requires_grad_(apply_penalty)
        fake_detached = fake.detach().requires_grad_(apply_penalty)
        h, h_fake = D.backbone(x), D.backbone(fake_detached)
        real_logits = D(h, words)
        loss_d, losses = penalized_d_loss(config, real_logits, D(h_fake, words), x, fake_detached)
        loss_wrong = discriminator_loss(config.loss, real_logits, D(h, wrong))
        optimizer_step(optimize_d, loss_d + loss_wrong + config.aux_weight * D.aux_loss(h, batch.y))

        with frozen(D):
            with torch.no_grad():
                real_logits = D(D.backbone(x), words)
            h_fake = D.backbone(fake)
            loss_g = generator_loss(config.loss, real_logits, D(h_fake, words))
            loss_aux = D.aux_loss(h_fake, said)
            optimizer_step(optimize_g, loss_g + config.kl_weight * kl + config.aux_weight * loss_aux)
        return losses | {"loss_wrong": loss_wrong.detach(), "loss_g": loss_g.detach(), "loss_aux": loss_aux.detach(),
                         "kl": kl.detach()}
