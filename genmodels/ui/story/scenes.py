"""The scenes, in the article's order. Their words are ``story.NAME.title``, ``.words`` and ``.notes`` of the catalogs.

A scene is a link into the page: the activity and what of its state is set. One whose activity a page does not have is
left out there, so a scene may be listed before its activity exists.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

STAGE = "lesson"  # the activity that itself shows what scenes have no other activity for

Paper = tuple[str, str]  # authors and year, address


@dataclass(frozen=True)
class Scene:
    """One claim and one thing to touch.

    ``state``: by the keys of the page's address. ``models``: the ones to choose from while the scene is shown, all that
    the activity has if there are none. ``also``: other activities where one may go on. ``drawing``: digit and seed of
    the synthetic drawing that is brought along, where the activity takes a drawing.
    """

    name: str
    activity: str
    paper: Paper | None
    state: dict[str, object] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    drawing: tuple[int, int] | None = None


def _arxiv(authors: str, number: str) -> Paper:
    return authors, f"https://arxiv.org/abs/{number}"


ARTICLE = "Contreras Carrasco, 2021", "https://doi.org/10.52428/20758944.v17i51.110"  # the outline
_VAE = _arxiv("Kingma & Welling, 2014", "1312.6114")
_GAN = _arxiv("Goodfellow et al., 2014", "1406.2661")
_NG = "Ng & Jordan, 2001", "https://papers.nips.cc/paper/2020-on-discriminative-vs-generative-classifiers"

SCENES = (
    Scene("opening", "start", _VAE, also=("quiz",)),
    Scene("questions", "classify", _NG, drawing=(3, 23)),
    Scene("convolution", STAGE, _arxiv("Dumoulin & Visin, 2016", "1603.07285"), {"view": "convolution-5-3-2-1-1"}),
    Scene("autoencoder", "sample", _arxiv("Bank et al., 2020", "2003.05991"),
          {"model": "ae", "seed": "2", "index": 0}, models=("ae", "vae")),
    Scene("map", "latents", _VAE, {"model": "vae2d", "latents": [0.3, -0.8]}, models=("vae2d",)),
    Scene("blur", "reconstruct", _arxiv("Larsen et al., 2016", "1512.09300"), {"model": "vae2d", "view": "one"},
          models=("vae2d", "vae"), drawing=(5, 25)),
    Scene("game", "live", _GAN, {"setups": ["original-d1"], "points": "ring", "seed": "0", "until": 3000}),
    Scene("collapse", "live", _arxiv("Metz et al., 2017", "1611.02163"),
          {"setups": ["original", "original-r1-r2"], "points": "ring", "seed": "0", "until": 2000}, also=("collapse",)),
    Scene("dcgan", "sample", _arxiv("Radford et al., 2016", "1511.06434"), {"model": "dcgan", "seed": "7", "index": 0},
          models=("gan", "dcgan"), also=("history",)),
    Scene("told", "write", _arxiv("Mirza & Osindero, 2014", "1411.1784"), {"model": "cgan", "text": "2014"},
          models=("cgan",)),
    Scene("codes", "latents", _arxiv("Chen et al., 2016", "1606.03657"), {"model": "infogan"}, models=("infogan",)),
    Scene("caption", "describe", _arxiv("Zhang et al., 2017", "1612.03242"), {"model": "stackgan", "seed": "1"},
          models=("stackgan",)),
    Scene("pixels", "pixels", _arxiv("van den Oord et al., 2016", "1601.06759"), {"model": "pixelcnn"},
          models=("pixelcnn",)),
    Scene("compared", "reconstruct", _VAE, {"model": "vae", "view": "all"}, also=("compare",),
          drawing=(8, 28)),
    Scene("flow", "noise", _arxiv("Lipman et al., 2023", "2210.02747"), {"model": "flow", "seed": "3", "time": 0.4},
          models=("flow",)),
    Scene("sources", STAGE, ARTICLE),
)


def scenes_of(activities: Collection[str]) -> list[Scene]:
    """The scenes that a page of these activities can show."""
    return [scene for scene in SCENES if scene.activity in activities]
