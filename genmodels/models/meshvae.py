"""Mesh VAE: Tan, Gao, Lai & Xia 2018, "Variational Autoencoders for Deforming 3D Mesh Models", arXiv:1709.04307.

A VAE of fully connected layers, as the first ones were; what is new is what it is told of a mesh. Not where its
vertices are: halfway between two places the straight line cuts through the bend, and what turns shrinks. It is told how
each vertex's surroundings have been turned and stretched, and gives vertices back by one linear system. Differences
from the paper: rotations are those from the mesh at rest, by their logarithms, and not the differences between
neighbors, which matter only beyond 180 degrees; the data is our own. ``representation`` "positions" is the baseline
that the paper argues against, with everything else the same. Its pictures are drawings of the mesh that it generates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from genmodels.capabilities import GaussianPosterior
from genmodels.config import BaseConfig
from genmodels.data import bodies
from genmodels.data.bodies import MeshSplit
from genmodels.data.splits import PreparedSplit
from genmodels.images import from_uint8
from genmodels.latents import LatentSpec, Normal
from genmodels.model import Batch, GenerativeModel, ModelInfo
from genmodels.nn.layers import optimizer_step
from genmodels.nn.surface import Surface

REPRESENTATIONS = {"rotations": 9, "positions": 3}  # numbers of a vertex


@dataclass(frozen=True)
class Config(BaseConfig):
    representation: str = "rotations"  # what a vertex is told by: "rotations" and stretches, or "positions"
    latent_dim: int = 8
    hidden: int = 128  # units of each of two hidden layers
    sigma: float = 0.3  # standard deviation of a scaled feature in the likelihood; the paper weighs the KL by hand
    steps: int = 6_000
    batch_size: int = 64
    lr: float = 1e-3


@cache
def _arrays() -> tuple:
    """The body at rest and its faces."""
    return bodies.sweep([[0.0] * len(bodies.PARAMETERS)])[0], bodies.faces()


class Encoder(nn.Module):
    """Thousands of features change together as a body bends, so that a step of Adam on each of their weights would add
    up to saturated units at once: the sums are scaled down, and the weights start as much larger.
    """

    def __init__(self, config: Config, features: int) -> None:
        super().__init__()
        self.scale = features**-0.5
        self.hidden1 = nn.Linear(features, config.hidden)
        nn.init.normal_(self.hidden1.weight)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.mu = nn.Linear(config.hidden, config.latent_dim)
        self.logvar = nn.Linear(config.hidden, config.latent_dim)

    def forward(self, x: Tensor) -> GaussianPosterior:
        h = torch.tanh(self.hidden2(torch.tanh(self.hidden1(x * self.scale))))
        return GaussianPosterior(self.mu(h).float(), self.logvar(h).float().clamp(-12, 4))


class Decoder(nn.Module):
    def __init__(self, config: Config, features: int) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(config.latent_dim, config.hidden)
        self.hidden2 = nn.Linear(config.hidden, config.hidden)
        self.out = nn.Linear(config.hidden, features)
        self.register_buffer("low", torch.full((features,), -1.0))  # of each feature, over the training meshes
        self.register_buffer("high", torch.full((features,), 1.0))

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.out(torch.tanh(self.hidden2(torch.tanh(self.hidden1(z))))))


class MeshVAE(GenerativeModel):
    Config = Config
    learns_from = "meshes"
    RANGE = 0.95  # features are scaled to at most this, as in the paper: tanh reaches 1 nowhere
    MIN_WIDTH = 0.02  # of the interval that is scaled so: what never varies is not blown up
    info = ModelInfo(
        paper="Tan et al., Variational Autoencoders for Deforming 3D Mesh Models", year=2018,
        url="https://arxiv.org/abs/1709.04307", family="VAE",
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        if config.representation not in REPRESENTATIONS:
            raise ValueError(f"representation is one of {', '.join(REPRESENTATIONS)}, not {config.representation!r}")
        self.surface = Surface(*_arrays())
        features = len(self.surface.rest) * REPRESENTATIONS[config.representation]
        self.encoder = Encoder(config, features)
        self.decoder = Decoder(config, features)

    @property
    def latent(self) -> LatentSpec:
        return LatentSpec((Normal("z", self.config.latent_dim, role="style"),))

    # ---- What the networks are told of a mesh

    def features(self, vertices: Tensor) -> Tensor:
        """Vertices [N, V, 3] -> [N, features], not yet scaled."""
        with torch.autocast(vertices.device.type, enabled=False):
            if self.config.representation == "positions":
                return (vertices - self.surface.rest).flatten(1)
            return torch.cat(self.surface.deformation(vertices), -1).flatten(1)

    def vertices(self, features: Tensor) -> Tensor:
        """The inverse of ``features``."""
        features = features.unflatten(1, (len(self.surface.rest), -1))
        if self.config.representation == "positions":
            return self.surface.rest + features
        return self.surface.vertices(features[..., :3], features[..., 3:])

    @property
    def _interval(self) -> tuple[Tensor, Tensor]:
        """The middle of each feature's interval, and what becomes 1."""
        low, high = self.decoder.low, self.decoder.high
        return (low + high) / 2, ((high - low) / 2).clamp_min(self.MIN_WIDTH / 2) / self.RANGE

    # ---- Meshes

    @property
    def faces(self) -> Tensor:
        """int64 [F, 3], the same for every mesh."""
        return self.surface.faces

    def encode_mesh(self, vertices: Tensor) -> GaussianPosterior:
        """Vertices [N, V, 3] -> the posterior over their latents."""
        middle, reach = self._interval
        return self.encoder((self.features(vertices) - middle) / reach)

    def decode_features(self, z: Tensor) -> Tensor:
        """z [N, d] -> scaled features [N, features]."""
        return self.decoder(z)

    def decode_mesh(self, z: Tensor) -> Tensor:
        """z [N, d] -> vertices [N, V, 3]; never in bfloat16, whose steps are a hundredth of the body."""
        middle, reach = self._interval
        with torch.autocast(z.device.type, enabled=False):
            return self.vertices(self.decode_features(z) * reach + middle)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """A picture of each mesh."""
        config = self.config
        drawn = bodies.pictures(self.decode_mesh(z).detach().cpu().numpy(), config.height, config.width)
        return from_uint8(drawn).to(z.device).expand(-1, config.channels, -1, -1)

    # ---- Training

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"vae": torch.optim.Adam(self.parameters(), self.config.lr)}

    @torch.no_grad()
    def prepare(self, split: MeshSplit) -> PreparedSplit:
        """Meshes as scaled features [N, features]; takes their intervals from these meshes."""
        device = self.decoder.low.device
        features = torch.cat([self.features(part.to(device)) for part in split.vertices.split(100)])
        self.decoder.low.copy_(features.amin(0))
        self.decoder.high.copy_(features.amax(0))
        middle, reach = self._interval
        return PreparedSplit((features - middle) / reach)

    def train_step(self, batch: Batch, optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
        """``batch.x``: rows of what ``prepare`` returned."""
        posterior = self.encoder(batch.x)
        error = (self.decode_features(posterior.sample()).float() - batch.x) / self.config.sigma
        nll, kl = error.square().sum(1).mean() / 2, posterior.kl().sum(1).mean()
        optimizer_step(optimizers["vae"], nll + kl)
        return {"loss": (nll + kl).detach(), "reconstruction_nll": nll.detach(), "kl": kl.detach()}
