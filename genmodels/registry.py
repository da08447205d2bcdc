"""Every model that there is, in teaching order. A line here is all it takes to be trained, tested and shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genmodels.model import Model

MODELS: dict[str, str] = {
    "cnn": "genmodels.models.cnn:CNN",
    "gan": "genmodels.models.gan:GAN",
    "dcgan": "genmodels.models.dcgan:DCGAN",
    "cgan": "genmodels.models.cgan:CGAN",
    "infogan": "genmodels.models.infogan:InfoGAN",
    "vae": "genmodels.models.vae:VAE",
    "cvae": "genmodels.models.cvae:CVAE",
}

# What `train.py --all` makes: checkpoint name -> (registry name, config fields that differ from the defaults).
CHECKPOINTS: dict[str, tuple[str, dict]] = {
    "cnn": ("cnn", {}),
    "gan": ("gan", {}),
    "dcgan": ("dcgan", {}),
    "cgan": ("cgan", {}),
    "infogan": ("infogan", {}),
    "vae": ("vae", {}),
    "vae2d": ("vae", {"latent_dim": 2, "beta": 1.0, "importance": 5, "decoder_width": 48, "decoder_hidden": 512,
                      "steps": 16_000}),
    "cvae": ("cvae", {}),
}


def model_class(name: str) -> type[Model]:
    """The class behind a registry name; ValueError lists the names there are."""
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}; there are: {', '.join(MODELS)}")
    module, _, attribute = MODELS[name].partition(":")
    return getattr(import_module(module), attribute)


def training_command(checkpoint: str) -> str:
    """The command that makes a shipped checkpoint."""
    model, fields = CHECKPOINTS.get(checkpoint, (checkpoint, {}))
    flags = "".join(f" --set {name}={value}" for name, value in fields.items())
    return f"python train.py {model}{flags}" + (f" --out checkpoints/{checkpoint}" if checkpoint != model else "")
