"""VQ-VAE-2: Razavi et al. 2019, arXiv:1906.00446.

An image becomes two boards of code numbers, a coarse one and a fine one, and comes back from them; a codebook says what
each number stands for. Nothing is random up to here, so the boards need a prior to be sampled from: two networks learn,
once the codes are fixed, which code follows which, the coarse board first and the fine one given it.

What differs from the paper: the priors are smaller and have no attention, and the fine board is filled cell by cell,
the four codes under a coarse tile in turn. And some images of a batch are decoded from
the first few tiles alone, so that boards can be looked at while they fill.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.config import BaseConfig
from genmodels.images import to_unit
from genmodels.latents import Categorical, Latents, LatentSpec, Uniform
from genmodels.model import BATCH_SIZE, Batch, GenerativeModel, ModelInfo
from genmodels.nn.board_prior import BoardPrior
from genmodels.nn.layers import lrelu, optimizer_step, quarter_size
from genmodels.nn.vector_quantizer import Quantized, VectorQuantizer

FINE = 4  # tiles of the fine board under a tile of the coarse one


@dataclass(frozen=True)
class Config(BaseConfig):
    base_channels: int = 48  # feature maps of encoder and decoder
    residual_blocks: int = 2  # at each size
    codes: int = 32  # vectors of each codebook
    code_dim: int = 16  # numbers of a vector
    commitment: float = 0.25  # weight of equation 2's last term
    reconstruction: float = 10.0  # weight of the squared error, on [0, 1]
    partial: float = 0.125  # share of a batch that is decoded from the first tiles alone; 0 is the paper
    autoencoder_steps: int = 3_600  # of all steps; in the others the priors learn
    prior_width: int = 128  # numbers that the priors' networks carry from layer to layer
    prior_blocks: int = 5  # of each prior
    temperature_coarse: float = 0.65  # of draws: below 1, they are more often a digit and vary less; 1 is the paper
    temperature_fine: float = 0.8
    prior_lr: float = 2e-3  # of the priors
    steps: int = 8_000
    batch_size: int = 32
    lr: float = 1e-3  # of the autoencoder
    lr_final: float = 0.02
    ema_half_life: int = 300


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv3 = nn.Conv2d(channels, max(1, channels // 2), 3, padding=1)
        self.conv1 = nn.Conv2d(max(1, channels // 2), channels, 1)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.conv1(lrelu(self.conv3(lrelu(h))))


def residuals(config: Config) -> nn.Sequential:
    return nn.Sequential(*(Residual(config.base_channels) for _ in range(config.residual_blocks)))


class Autoencoder(nn.Module):
    """Image <-> two boards of codes: figure 2a and algorithm 1 of the paper."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width, dim, colors = config.base_channels, config.code_dim, config.channels
        self.encode_fine = nn.Sequential(nn.Conv2d(colors, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
                                         nn.Conv2d(width, width, 3, padding=1), residuals(config), nn.LeakyReLU(0.2))
        self.encode_coarse = nn.Sequential(nn.Conv2d(width, width, 4, stride=2, padding=1), residuals(config),
                                           nn.LeakyReLU(0.2), nn.Conv2d(width, dim, 1))
        self.coarse = VectorQuantizer(config.codes, dim)
        self.expand = nn.Sequential(nn.Conv2d(dim, width, 3, padding=1), residuals(config), nn.LeakyReLU(0.2),
                                    nn.ConvTranspose2d(width, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2))
        self.join = nn.Conv2d(2 * width, dim, 1)
        self.fine = VectorQuantizer(config.codes, dim)
        self.decoder = nn.Sequential(nn.Conv2d(dim + width, width, 3, padding=1), residuals(config), nn.LeakyReLU(0.2),
                                     nn.ConvTranspose2d(width, width // 2, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
                                     nn.Conv2d(width // 2, colors, 3, padding=1))

    def encode(self, x: Tensor) -> tuple[Quantized, Quantized]:
        """x [N, C, H, W] -> the coarse board, H/4 x W/4, and the fine one, H/2 x W/2, as ``Quantized`` each."""
        h = self.encode_fine[0](x).contiguous(memory_format=torch.channels_last)  # a quarter faster on the CPU
        for layer in list(self.encode_fine)[1:]:
            h = layer(h)
        coarse = self.coarse(self.encode_coarse(h))
        return coarse, self.fine(self.join(torch.cat([h, self.expand(coarse.vectors)], 1)))

    def decode(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Vectors of both boards [N, D, ...] -> images; zeros stand for tiles that are still empty."""
        coarse = coarse.contiguous(memory_format=torch.channels_last)
        return self.decoder(torch.cat([fine, self.expand(coarse)], 1)).float()


class Priors(nn.Module):
    """p(coarse | label) and p(fine | coarse, label): algorithm 2 of the paper.

    Boards are cells in the order of reading here: int64 [N, cells, 1], and [N, cells, FINE] of the tiles below them.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        width, self.size = config.prior_width, quarter_size(config.image_shape)
        self.temperatures = config.temperature_coarse, config.temperature_fine
        self.coarse, self.fine = (
            BoardPrior(config.codes, self.size, parts, width, config.prior_blocks) for parts in (1, FINE))
        self.label = nn.Embedding(config.classes, 2 * width)
        self.position = nn.Parameter(0.02 * torch.randn(math.prod(self.size), 2 * width))
        self.embed = nn.Embedding(config.codes, width // 2)
        self.look = nn.Sequential(nn.Conv2d(width // 2, width // 2, 3, padding=1), nn.GELU(),
                                  nn.Conv2d(width // 2, width, 3, padding=1))

    def starts(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """What is known of the cells of each board from the start, the digit and the place: [N, cells, width] each."""
        return (self.label(y)[:, None] + self.position).chunk(2, 2)

    def context(self, coarse: Tensor) -> Tensor:
        """The whole coarse board, around each cell of the fine one: [N, cells, width]."""
        board = self.embed(coarse.squeeze(2)).mT.unflatten(2, self.size)
        return self.look(board).flatten(2).mT

    def log_prob(self, coarse: Tensor, fine: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of all codes of both boards, in nats."""
        start, start_fine = self.starts(y)
        return self.coarse(coarse, start), self.fine(fine, start_fine + self.context(coarse))

    def draw(self, dice: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Both boards after each cell that is drawn, as far as they are, by dice in [-1, 1], one a code."""
        cells = math.prod(self.size)
        boards = [y.new_empty(y.shape[0], 0, parts) for parts in (1, FINE)]
        rolled = [part.unflatten(1, (cells, -1)) for part in dice.float().split([cells, cells * FINE], 1)]
        for level, prior in enumerate((self.coarse, self.fine)):
            start, cell, steps = self.starts(y)[level], None, prior.steps(y.shape[0])
            if level:
                with torch.autocast(dice.device.type, enabled=False):
                    start = start + self.context(boards[0])
            for place in range(cells):
                cell = prior.draw(place, cell, start[:, place], rolled[level][:, place], steps,
                                  self.temperatures[level])
                boards[level] = torch.cat([boards[level], cell[:, None]], 1)
                yield boards[0], boards[1]


class VQVAE2(GenerativeModel):
    Config = Config
    needs_labels = True
    max_eval_samples = 10_000
    info = ModelInfo(
        paper="Razavi et al., Generating Diverse High-Fidelity Images with VQ-VAE-2", year=2019,
        url="https://arxiv.org/abs/1906.00446", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.codebook_sizes = config.codes, config.codes
        self.autoencoder = Autoencoder(config)
        self.priors = Priors(config)

    @property
    def latent(self) -> LatentSpec:
        """A die for each code: which it is follows from the probabilities that the priors give it."""
        dice = math.prod(self.priors.size) * (1 + FINE)
        return LatentSpec((Categorical("digit", self.config.classes), Uniform("dice", dice, editable=False)))

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images -> their codes, int64: coarse [N, H/4, W/4] and fine [N, H/2, W/2]."""
        coarse, fine = self.autoencoder.encode(x)
        return coarse.codes, fine.codes

    def decode_codes(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """The inverse of ``codes``, as far as there is one: images in [-1, 1]. -1 stands for a tile that is empty."""
        vectors = [quantizer.lookup(board.clamp_min(0)) * (board >= 0)[:, None] for quantizer, board in
                   ((self.autoencoder.coarse, coarse), (self.autoencoder.fine, fine))]
        return self.autoencoder.decode(*vectors).clamp(-1, 1)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return self.decode_codes(*self.codes(x))

    def code_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """The priors' log-probability of images' codes, in nats [N, 2]: of the coarse board and of the fine one."""
        coarse, fine = self.codes(x)
        return torch.stack([p.flatten(1).sum(1) for p in self.priors.log_prob(*self._cells(coarse, fine), y)], 1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        *_, (coarse, fine) = self._boards(z, y)
        return self.decode_codes(coarse, fine)

    @torch.inference_mode()
    def generate_steps(self, latents: Latents) -> Iterator[Tensor]:
        """Images as the boards fill, a row of cells at a time, in the batches of ``generate``."""
        parts = [latents[i : i + BATCH_SIZE] for i in range(0, len(latents), BATCH_SIZE)]
        counts = [len(part) for part in parts]
        last = torch.arange(BATCH_SIZE).clamp_max(counts[-1] - 1)
        parts[-1] = parts[-1][last]
        for boards in zip(*(self._boards(part.z, part.y) for part in parts), strict=True):
            yield torch.cat([self.decode_codes(*b)[:n] for b, n in zip(boards, counts, strict=True)])

    def _boards(self, z: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Both boards of codes after each row of cells, -1 where they are empty."""
        height, width = self.priors.size
        for place, boards in enumerate(self.priors.draw(z, y), 1):
            if place % width == 0:
                yield self._tiles(*(F.pad(b, (0, 0, 0, height * width - b.shape[1]), value=-1) for b in boards))

    def _cells(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Boards [N, H/4, W/4], [N, H/2, W/2] -> cells in the order of reading [N, cells, 1], [N, cells, FINE]."""
        return coarse.flatten(1)[..., None], F.pixel_unshuffle(fine[:, None], 2).flatten(2).mT

    def _tiles(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse of ``_cells``."""
        board = fine.mT.unflatten(2, self.priors.size)  # [N, FINE, H/4, W/4]
        return coarse.squeeze(2).unflatten(1, self.priors.size), F.pixel_shuffle(board, 2).squeeze(1)

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"autoencoder": torch.optim.Adam(self.autoencoder.parameters(), self.config.lr),
                "priors": torch.optim.AdamW(self.priors.parameters(), self.config.prior_lr, (0.9, 0.98))}

    def phase(self, step: int) -> tuple[int, int]:
        first = min(self.config.autoencoder_steps, self.config.steps)
        return (0, first) if step < first else (first, self.config.steps)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        if batch.step < self.config.autoencoder_steps:
            return self._autoencoder_step(batch, optimizers["autoencoder"])
        return self._priors_step(batch, optimizers["priors"])

    def _autoencoder_step(self, batch: Batch, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
        """Equation 2, the squared error on [0, 1]."""
        coarse, fine = self.autoencoder.encode(batch.x)
        known = self._known(len(batch.x), batch.x.device)
        x_hat = self.autoencoder.decode(*(q.vectors * (k >= 0)[:, None] for q, k in
                                          zip((coarse, fine), known, strict=True)))
        error = (to_unit(x_hat) - to_unit(batch.x)).square().flatten(1).mean(1)
        loss = (self.config.reconstruction * error.mean()
                + self.config.commitment * (coarse.commitment + fine.commitment))
        optimizer_step(optimizer, loss)
        whole = error.detach()[int(self.config.partial * len(error)) :].mean()
        return {"loss": loss.detach(), "mse": whole}

    def _known(self, n: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Boards with -1 where tiles are to be left empty: of the first images, all after a random place."""
        cells = math.prod(self.priors.size)
        place = torch.arange(2 * cells, device=device)
        drawn = torch.randint(2 * cells, (n, 1), device=device)
        drawn[int(self.config.partial * n) :] = 2 * cells
        known = (place < drawn).long() - 1  # [N, 2 cells]
        return self._tiles(known[:, :cells, None], known[:, cells:, None].expand(-1, -1, FINE))

    def _priors_step(self, batch: Batch, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
        with torch.no_grad():
            self.autoencoder.eval()
            cells = self._cells(*self.codes(batch.x))
            self.autoencoder.train(self.training)
        coarse, fine = (-p.flatten(1).sum(1).mean() for p in self.priors.log_prob(*cells, batch.y))
        optimizer_step(optimizer, coarse + fine)
        return {"bits_coarse": coarse.detach() / math.log(2), "bits_fine": fine.detach() / math.log(2)}
