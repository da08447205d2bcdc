"""What a visitor can ask for, as plain functions: each is a button of a tab and an endpoint of the API.

They take and give plain values. Pictures travel as ``{"shape": [n, 28, 28], "pixels": base64 of uint8, ...}``; in
Python ``numpy.frombuffer(base64.b64decode(r["pixels"]), "uint8").reshape(r["shape"])``. Those called ``..._pictures``
give the array alone, for the page's own routes. Bad input raises ``gradio.Error`` with a message for the screen.
"""

from __future__ import annotations

import base64
import functools
import io
import warnings
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gradio as gr
import numpy as np
from PIL import Image, ImageOps

from genmodels import images, latents
from genmodels.checkpoint import Card, CheckpointError
from genmodels.latents import Categorical, Latents, LatentSpec, Uniform
from genmodels.lazily import torch
from genmodels.ui.studio import Loaded, Studio

MOST_PICTURES = 100
MOST_DIGITS = 16
MOST_FRAMES = 240
MOST_BYTES = 8_000_000  # of an uploaded picture file
MOST_PIXELS = 16_000_000  # of an uploaded picture, before it is decoded
FILM_SCALE = 8  # screen pixels a pixel in an animation
SWEEP = {Uniform: 2.0, latents.Normal: 3.0}  # how far a slider goes to either side; figure 2 of InfoGAN uses 2
FAITHFUL = 0.9  # rank correlation from which a slider is called by what it moves
P, R = ParamSpec("P"), TypeVar("R")


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """Turn a ValueError or a broken checkpoint into a message on the visitor's screen."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except gr.Error:  # it is a message already
            raise
        except (ValueError, CheckpointError) as error:
            message = str(error).replace("<", "\u2039").replace(">", "\u203a")  # the page would take them for HTML
            raise gr.Error(message[0].upper() + message[1:], print_exception=False) from None

    return guarded


class Actions:
    """The actions on one studio's models."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    # ---- Sample

    @spoken
    def sample(self, model: str = "dcgan", count: int = 36, seed: int = 0, truncation: float = 1.0,
               category: int = -1) -> dict:
        """Draw pictures from a model.

        Args:
            model: name of a generative checkpoint, such as dcgan.
            count: how many, 1 to 100.
            seed: 0 to 4294967295; picture i of a seed is always the same.
            truncation: 0 to 1; below 1 pulls the latents to their mean: less variety, fewer odd pictures.
            category: digit or code value for models that have one; -1 takes each in turn.

        Returns:
            shape, pixels (base64 of uint8), alt (one description a picture).
        """
        pictures = self.sample_pictures(model, count, seed, truncation, category)
        title, names = self.studio.title(model), self.categories(model)
        values = _values(self.studio.spec(model), range(len(pictures)), category)
        named = ["" if value is None else f", {names[value]}" for value in values]
        return packed(pictures, alt=[f"{title}, picture {i}{name}" for i, name in enumerate(named)])

    @spoken
    def sample_pictures(self, model: str, count: int, seed: int, truncation: float, category: int,
                        preview: bool = False) -> np.ndarray:
        """The pictures of ``sample`` alone, uint8 [count, 28, 28]; ``preview`` for a moving hand, see the studio."""
        loaded = self._model(model)
        count = _whole("the number of pictures", count, 1, MOST_PICTURES)
        drawn = self._latents(loaded, seed, range(count), _number("truncation", truncation, 0, 1), category)
        return self.studio.draw(loaded, drawn, bool(preview))

    @spoken
    def inspect(self, model: str = "dcgan", seed: int = 0, index: int = 0, truncation: float = 1.0,
                category: int = -1) -> dict:
        """One picture of a seed, with what is known about it.

        Args:
            model: name of a generative checkpoint.
            seed: the seed.
            index: which picture of the seed, 0 to 99.
            truncation: as for sample.
            category: as for sample.

        Returns:
            shape, pixels, score (the discriminator's logit, or null), real_percentile (the share of real digits that
            the discriminator finds less real, or null), predicted (the digit the classifier reads, or null),
            confidence (0 to 1), neighbour (the nearest training digit's pixels, or null where the data is not at hand).
        """
        from genmodels.model import in_chunks

        loaded = self._model(model)
        index = _whole("the picture's number", index, 0, MOST_PICTURES - 1)
        drawn = self._latents(loaded, seed, [index], _number("truncation", truncation, 0, 1), category)
        picture = self.studio.draw(loaded, drawn)
        score = rank = None
        if "CanScore" in self.studio.about(model)["can"]:
            with self.studio.compute:
                score = float(in_chunks(loaded.model.score, images.from_uint8(picture), drawn.c))
            if scale := loaded.card.latent.get("scores"):
                rank = round(float(np.interp(score, scale, np.linspace(0, 1, len(scale)))), 3)
        digit, confidence = self._read(picture)[0]
        neighbour = self.studio.neighbour(picture[0])
        score = None if score is None else round(score, 2)
        return packed(picture, score=score, real_percentile=rank, predicted=digit, confidence=confidence,
                       neighbour=None if neighbour is None else _base64(neighbour),
                       category=None if drawn.c is None else int(drawn.c[0]))

    @spoken
    def walk(self, model: str = "dcgan", seed: int = 0, keyframes: int = 4, frames: int = 60, path: str = "slerp",
             truncation: float = 1.0, category: int = -1) -> dict:
        """Walk through latent space from picture to picture of a seed and back to the first.

        Args:
            model: name of a generative checkpoint.
            seed: the seed whose first pictures are the stops.
            keyframes: how many stops, 2 to 8.
            frames: how many pictures in all, 2 to 240.
            path: slerp (along the sphere) or lerp (straight).
            truncation: as for sample.
            category: as for sample; a walk keeps to one, -1 takes that of the first stop.

        Returns:
            shape, pixels (one frame after the other), gif (base64 of an animated GIF that loops).
        """
        loaded = self._model(model)
        stops = _whole("the number of stops", keyframes, 2, 8)
        frames = _whole("the number of frames", frames, stops, MOST_FRAMES)
        drawn = self._latents(loaded, seed, range(stops), _number("truncation", truncation, 0, 1), category)
        z = latents.walk(drawn.z, frames, path)
        c = None if drawn.c is None else drawn.c[:1].expand(frames)
        pictures = self.studio.draw(loaded, Latents(z, c))
        film = images.gif(images.enlarge(pictures, FILM_SCALE))
        return packed(pictures, gif=base64.b64encode(film).decode())

    # ---- Latents

    @spoken
    def describe_latents(self, model: str = "vae", seed: int = 0) -> dict:
        """The latent of a model: its parts, in the order of their importance, and one draw.

        Args:
            model: name of a generative checkpoint.
            seed: of the draw.

        Returns:
            sliders (name, column of z, low, high, title, note), categories (names of the categorical part's values,
            or null), z (one draw), category (one draw, or null).
        """
        loaded = self._model(model)
        drawn = loaded.spec.draw(_seed(seed), [0])
        return {"sliders": self.sliders(model), "categories": self.categories(model), "z": _rounded(drawn.z[0]),
                "category": None if drawn.c is None else int(drawn.c[0])}

    @spoken
    def decode(self, model: str = "vae2d", z: list[float] | None = None, category: int = 0) -> dict:
        """The picture of given latents.

        Args:
            model: name of a generative checkpoint.
            z: all continuous latents, in the model's order; none is the mean.
            category: the digit or code value, for models that have one.

        Returns:
            shape, pixels.
        """
        return packed(self.decode_pictures(model, z, category))

    @spoken
    def decode_pictures(self, model: str, z: list[float] | None, category: int) -> np.ndarray:
        """The picture of ``decode`` alone, uint8 [1, 28, 28]."""
        loaded = self._model(model)
        return self.studio.draw(loaded, self._given(loaded, [z], category))

    @spoken
    def latent_grid(self, model: str = "vae2d", side: int = 18, extent: float = 3.0) -> dict:
        """The pictures of a two-dimensional latent on a square grid, first row at the top (largest second latent).

        Args:
            model: a checkpoint with two latents, vae2d.
            side: pictures along each side, 2 to 24.
            extent: the grid reaches from -extent to +extent, 0.5 to 5.

        Returns:
            shape, pixels, row by row.
        """
        return packed(self.latent_grid_pictures(model, side, extent))

    @spoken
    def latent_grid_pictures(self, model: str, side: int, extent: float) -> np.ndarray:
        """The pictures of ``latent_grid`` alone, uint8 [side * side, 28, 28]."""
        loaded = self._model(model)
        if loaded.spec.dim != 2:
            raise ValueError(f"a map needs two latents; {model} has {loaded.spec.dim}")
        side, extent = _whole("the side", side, 2, 24), _number("the extent", extent, 0.5, 5)
        # The middles of the cells, so that the pad's corner is the corner of the corner picture.
        middles = (torch.arange(side) + 0.5) / side * 2 * extent - extent
        z = torch.stack(torch.meshgrid(middles, middles.flip(0), indexing="xy"), -1).reshape(-1, 2)
        return self.studio.draw(loaded, Latents(z))

    @spoken
    def traverse(self, model: str = "infogan", latent: str = "c1", steps: int = 10, rows: int = 5, seed: int = 0,
                 category: int = -1, z: list[float] | None = None) -> dict:
        """Vary one latent with all else fixed: each row a draw, each column a value (figure 2 of the InfoGAN paper).

        Args:
            model: name of a generative checkpoint.
            latent: the name of a latent, such as c1, c2, c3, digit or z0.
            steps: columns for a continuous latent, 2 to 16; a categorical one has a column a value.
            rows: how many draws, 1 to 10.
            seed: of the draws.
            category: the digit or code value where it is not the one that varies; -1 takes a new one each row.
            z: latents of the first row instead of a draw.

        Returns:
            shape, pixels, columns, values (of the columns).
        """
        loaded = self._model(model)
        rows, steps = _whole("the number of rows", rows, 1, 10), _whole("the number of steps", steps, 2, 16)
        drawn = self._latents(loaded, seed, range(rows), 1.0, category)
        base_z = drawn.z.clone()
        if z is not None:
            base_z[0] = self._given(loaded, [z], 0).z[0]
        part = loaded.spec.categorical
        sliders = {s["name"]: s for s in self.sliders(model)}
        if part and latent == part.name:
            values = list(range(part.classes))
            z_all = base_z.repeat_interleave(len(values), 0)
            c_all = torch.tensor(values).repeat(rows)
        elif latent in sliders:
            slider = sliders[latent]
            values = np.linspace(slider["low"], slider["high"], steps).round(2).tolist()
            z_all = base_z.repeat_interleave(steps, 0)
            z_all[:, slider["column"]] = torch.tensor(values, dtype=torch.float32).repeat(rows)
            c_all = None if drawn.c is None else drawn.c.repeat_interleave(steps)
        else:
            names = [*([part.name] if part else []), *sliders]
            raise ValueError(f"{model} has no latent called {latent!r}; it has: {', '.join(names)}")
        pictures = self.studio.draw(loaded, Latents(z_all, c_all))
        alt = [f"row {i // len(values) + 1}, {latent} = {values[i % len(values)]}" for i in range(len(pictures))]
        return packed(pictures, columns=len(values), values=values, alt=alt)

    # ---- Write

    @spoken
    def write(self, text: str = "2014", model: str = "cgan", same_style: bool = True, seed: int = 0) -> dict:
        """Write a number by hand.

        Args:
            text: up to 16 digits.
            model: a checkpoint that is told the digit: cgan or cvae.
            same_style: one style for all digits, or a new one for each.
            seed: of the style.

        Returns:
            shape, pixels (a digit each), columns, alt.
        """
        loaded = self._told(model)
        text = "".join(str(text).split())
        if not text:
            raise ValueError("type a number first: up to 16 digits, 0 to 9")
        odd = sorted({character for character in text if character not in "0123456789"})
        if odd:
            raise ValueError(f"only the digits 0 to 9 can be written, not {' '.join(odd[:5])}")
        if len(text) > MOST_DIGITS:
            raise ValueError(f"at most {MOST_DIGITS} digits fit in a line; that was {len(text)}")
        drawn = loaded.spec.draw(_seed(seed), [0] * len(text) if same_style else range(len(text)))
        pictures = self.studio.draw(loaded, Latents(drawn.z, torch.tensor([int(d) for d in text])))
        return packed(pictures, columns=len(text), alt=[f"handwritten {d}" for d in text])

    @spoken
    def style_grid(self, model: str = "cgan", rows: int = 5, seed: int = 0) -> dict:
        """All ten digits in several styles, one style a row.

        Args:
            model: a checkpoint that is told the digit: cgan or cvae.
            rows: how many styles, 1 to 10.
            seed: of the styles.

        Returns:
            shape, pixels, columns, alt.
        """
        loaded = self._told(model)
        rows, classes = _whole("the number of styles", rows, 1, 10), loaded.spec.categorical.classes
        drawn = loaded.spec.draw(_seed(seed), range(rows))
        every = Latents(drawn.z.repeat_interleave(classes, 0), torch.arange(classes).repeat(rows))
        alt = [f"style {i // classes + 1}, digit {i % classes}" for i in range(rows * classes)]
        return packed(self.studio.draw(loaded, every), columns=classes, alt=alt)

    # ---- Reconstruct

    @spoken
    def reconstruct(self, picture: str, model: str = "vae", label: int = -1, num_samples: int = 8, seed: int = 0,
                    center: bool = True) -> dict:
        """Send a picture through an autoencoder.

        Args:
            picture: an image file (PNG, JPEG, WebP, GIF or BMP) as base64 or data URI; up to 8 MB and 16 megapixels.
            model: a checkpoint that encodes: vae, vae2d or cvae.
            label: the digit, for models that are told it; -1 takes what the classifier reads.
            num_samples: how many draws from the posterior, 1 to 16.
            seed: of the draws.
            center: centre and scale the ink as MNIST does; false only for pictures that are so framed.

        Returns:
            shape, pixels (input, reconstruction, difference, posterior samples), error (mean square of [0, 1] pixels),
            reconstruction_nats, kl, elbo (nats), z (posterior means), label (given or read), predicted (digit and
            confidence of the classifier for input and reconstruction).
        """
        return self._reconstruct(decode_picture(picture, center), model, label, num_samples, seed)

    def _reconstruct(self, image: np.ndarray, model: str, label: int, num_samples: int, seed: int) -> dict:
        from genmodels.model import in_chunks

        loaded = self._model(model)
        if "CanEncode" not in self.studio.about(model)["can"]:
            raise ValueError(f"{model} has no encoder; choose one of: "
                             + ", ".join(c.name for c in self.studio.choices("CanEncode")))
        num_samples, seed = _whole("the number of draws", num_samples, 1, 16), _seed(seed)
        read_input = self._read(image[None])[0]
        part, c = loaded.spec.categorical, None
        if part:
            label = _whole("the label", label, -1, part.classes - 1)
            if label < 0 and read_input[0] is None:
                raise ValueError("the classifier is not available to read the label; give the digit")
            label = read_input[0] if label < 0 else label
            c = torch.tensor([label])
        x = images.from_uint8(image[None])
        with self.studio.compute, torch.inference_mode():
            posterior = loaded.model.encode(x, c)
            noise = np.random.Generator(np.random.Philox(key=np.array([seed, 1], np.uint64)))
            eps = torch.from_numpy(noise.standard_normal((num_samples, posterior.mu.shape[1]), dtype=np.float32))
            z = posterior.mu + torch.exp(posterior.logvar / 2) * eps
            many = None if c is None else c.expand(num_samples)
            bound = loaded.model.elbo(x.expand(num_samples, -1, -1, -1), z, posterior, many)
            mean = images.to_uint8(in_chunks(loaded.model.decode, posterior.mu, c))
            drawn = images.to_uint8(in_chunks(loaded.model.decode, z, many))
        difference = np.abs(image.astype(int) - mean[0]).astype(np.uint8)
        error = float(np.square(difference / 255).mean())
        return packed(
            np.concatenate([image[None], mean, difference[None], drawn]), error=round(error, 4),
            reconstruction_nats=round(float(bound.reconstruction.mean()), 1), kl=round(float(bound.kl.mean()), 1),
            elbo=round(float(bound.elbo.mean()), 1), z=_rounded(posterior.mu[0]), label=label if part else None,
            predicted={"input": read_input, "reconstruction": self._read(mean)[0]},
        )

    # ---- shared

    def sliders(self, name: str) -> list[dict]:
        """What ``describe_latents`` calls by this name; no model is loaded for it."""
        return _sliders(self.studio.card(name), self.studio.spec(name))

    def categories(self, name: str) -> list[str] | None:
        """What ``describe_latents`` calls by this name; no model is loaded for it."""
        return _categories(self.studio.card(name), self.studio.spec(name))

    def _model(self, name: str) -> Loaded:
        loaded = self.studio.get(str(name))
        if loaded.spec is None:
            raise ValueError(f"{name} draws no pictures; choose one of: "
                             + ", ".join(c.name for c in self.studio.choices()))
        return loaded

    def _told(self, name: str) -> Loaded:
        loaded = self._model(name)
        part = loaded.spec.categorical
        if not (part and part.is_label):
            raise ValueError(f"{name} cannot be told which digit to draw; choose one of: "
                             + ", ".join(c.name for c in self.studio.choices() if self.is_told(c.name)))
        return loaded

    def is_told(self, name: str) -> bool:
        """Whether a checkpoint draws a digit on request; False for a broken one."""
        spec = None if name in self.studio.troubles else self.studio.spec(name)
        return bool(spec and spec.categorical and spec.categorical.is_label)

    def _latents(self, loaded: Loaded, seed: object, indices, truncation: float, category: object) -> Latents:
        drawn = _drawn(loaded.spec, _seed(seed), tuple(indices))
        c = torch.tensor(_values(loaded.spec, indices, category)) if loaded.spec.categorical else None
        return Latents(latents.truncate(drawn.z, truncation), c)

    def _given(self, loaded: Loaded, rows: list, category: object) -> Latents:
        dim = loaded.spec.dim
        try:
            z = torch.tensor([[0.0] * dim if row is None else [float(v) for v in row] for row in rows])
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"z is a list of {dim} numbers") from None
        if z.shape[1:] != (dim,):
            raise ValueError(f"z is a list of {dim} numbers; that was {len(rows[0])}")
        if not z.isfinite().all():
            raise ValueError(f"z is a list of {dim} finite numbers")
        part = loaded.spec.categorical
        c = torch.full((len(rows),), _whole(part.name, category, 0, part.classes - 1)) if part else None
        return Latents(z.clamp(-10, 10), c)

    def _read(self, pictures: np.ndarray) -> list[tuple[int | None, float]]:
        """What the classifier reads in each picture: digit and confidence; (None, 0) without one."""
        from genmodels.model import in_chunks

        judge = self.studio.judge()
        if judge is None:
            return [(None, 0.0)] * len(pictures)
        with self.studio.compute, torch.inference_mode():
            chances = in_chunks(judge.model.classify, images.from_uint8(pictures)).softmax(1)
        return [(int(p.argmax()), round(float(p.max()), 3)) for p in chances]


def decode_picture(source: str, center: bool = True) -> np.ndarray:
    """An image file as base64 or data URI -> uint8 [28, 28], light ink on dark as in MNIST; ValueError if it is none.

    Nothing is written to disk, and the size is checked before any pixel is decoded.
    """
    if not isinstance(source, str) or not source:
        raise ValueError("draw a digit, upload a picture or choose an example first")
    text = source.split(",", 1)[1] if source.startswith("data:") and "," in source else source
    if len(text) > MOST_BYTES * 4 / 3 + 4:
        raise ValueError(f"the file is larger than {MOST_BYTES // 1_000_000} MB; choose a smaller one")
    try:
        raw = base64.b64decode(text, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is below Pillow's
            picture = Image.open(io.BytesIO(raw), formats=["PNG", "JPEG", "WEBP", "GIF", "BMP"])
    except Image.DecompressionBombError:
        raise ValueError(f"the picture has too many megapixels; at most {MOST_PIXELS // 1_000_000} are read") from None
    except (ValueError, OSError, SyntaxError):
        raise ValueError("that file is not a picture that can be read; use PNG, JPEG, WebP, GIF or BMP") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"the picture has {picture.width * picture.height / 1e6:.0f} megapixels; "
                         f"at most {MOST_PIXELS // 1_000_000} are read")
    try:
        grey = _grey(picture)
    except (ValueError, OSError, SyntaxError) as error:
        raise ValueError(f"the picture is damaged ({error}); try another") from None
    if not center and grey.shape == (images.SIDE, images.SIDE):
        return grey.round().astype(np.uint8)
    return images.centre_by_mass(_ink(grey))


def _grey(picture: Image.Image) -> np.ndarray:
    """Grey levels 0 to 255, float32 [H, W], upright as the camera held it, on white paper where transparent."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits a pixel, which convert("L") would clip at 255
        return np.asarray(picture, np.float32) / 257
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return np.asarray(picture.convert("L"), np.float32)


def _ink(grey: np.ndarray) -> np.ndarray:
    """Ink as brightness, paper at 0: the border tells which of the two is the paper."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    ink = grey - paper if paper < 128 else paper - grey
    return np.clip(ink, 0, 255)


@functools.lru_cache(maxsize=64)
def _drawn(spec: latents.LatentSpec, seed: int, indices: tuple[int, ...]) -> Latents:
    """A draw, kept: a drag asks for the same one sixty times a second. Not to be written to."""
    return spec.draw(seed, indices)


def _values(spec: LatentSpec, indices, category: object) -> list[int | None]:
    """The categorical part's value of each picture, None where there is no such part; -1 takes each in turn."""
    part = spec.categorical
    if part is None:
        return [None for _ in indices]
    category = _whole(part.name, category, -1, part.classes - 1)
    return [i % part.classes if category < 0 else category for i in indices]


def _sliders(card: Card, spec: LatentSpec) -> list[dict]:
    """One slider a continuous latent, the strongest first where evaluation has measured it, else in order.

    ``title``: the property that the latent was measured to move, where that follows it faithfully; else its name.
    """
    known = card.latent
    meaning = {entry["name"]: entry for entry in known.get("continuous", [])}
    sliders = []
    for part in spec.continuous:
        start = spec.columns(part.name).start
        for k in range(part.dim):
            name = part.name if part.dim == 1 else f"{'z' if part.name == 'z' else part.name + ' '}{k}"
            sliders.append({"name": name, "column": start + k, "low": -SWEEP[type(part)], "high": SWEEP[type(part)]})
    if "order" in known:
        sliders.sort(key=lambda s: known["order"].index(s["column"]))
    taken = Counter()
    for slider in sliders:
        name, notes = slider["name"], []
        title, entry = name, meaning.get(name)
        if entry and abs(entry["spearman"]) >= FAITHFUL:
            taken[entry["moves"]] += 1
            title = entry["moves"] if taken[entry["moves"]] == 1 else f"{entry['moves']} {taken[entry['moves']]}"
            notes.append(name)
        elif entry and abs(entry["spearman"]) >= FAITHFUL / 2:
            notes.append(f"partly {entry['moves']}")
        if "kl" in known and name.startswith("z"):
            notes.append(f"{known['kl'][slider['column']]:.1f} nats")
        slider |= {"title": title, "note": ", ".join(notes)}
    return sliders


def _categories(card: Card, spec: LatentSpec) -> list[str] | None:
    """Names of the categorical part's values: the digit, for a code the digit that this checkpoint draws for it."""
    part: Categorical | None = spec.categorical
    if part is None:
        return None
    if part.is_label:
        classes = card.dataset.get("classes", [])
        return [str(classes[k]) if k < len(classes) else str(k) for k in range(part.classes)]
    digits = card.latent.get("category_digit")
    return [str(digits[k]) if digits else f"{part.name}={k}" for k in range(part.classes)]


def packed(pictures: np.ndarray, **more: object) -> dict:
    """Pictures uint8 [n, 28, 28] as they travel, with whatever else belongs to them."""
    return {"shape": list(pictures.shape), "pixels": _base64(pictures), **more}


def _base64(pixels: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(pixels)).decode()


def _rounded(z: torch.Tensor) -> list[float]:
    return [round(float(v), 3) for v in z]


def _seed(seed: object) -> int:
    if isinstance(seed, str):
        seed = seed.strip()
        if not seed.isdecimal() or len(seed) > 40:
            raise ValueError(f"a seed is a whole number from 0 to {latents.MAX_SEED}, not {seed[:40]!r}")
    return latents.check_seed(seed)


def _whole(what: str, value: object, low: int, high: int) -> int:
    number = _number(what, value, low, high)
    if number != int(number):
        raise ValueError(f"{what} is a whole number from {low} to {high}, not {value!r}")
    return int(number)


def _number(what: str, value: object, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not low <= number <= high:
        raise ValueError(f"{what} must be from {low:g} to {high:g}, not {str(value)[:40]!r}")
    return number
