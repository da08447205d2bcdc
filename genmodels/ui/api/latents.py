"""Endpoints of the Latents tab: the parts of a latent, decoding it, a grid over two dimensions, a traversal of one."""

from __future__ import annotations

from collections import Counter

import numpy as np

from genmodels.checkpoint import Card
from genmodels.latents import GaussianMixture, Latents, LatentSpec, Normal, Uniform
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.likeness import offered_attributes
from genmodels.ui.api.validation import check_float, check_int, parse_seed, parse_z
from genmodels.ui.text import Refusal, Text, latent_text, to_json

# How far a slider reaches to either side; figure 2 of InfoGAN uses 2.
SLIDER_RANGE = {Uniform: 2.0, Normal: 3.0, GaussianMixture: 3.0}
# Rank correlation from which a slider is named after the property that it changes, and from which after what it mostly
# changes: there at least half of the variance of the ranks is the slider's (0.7 ** 2).
NAMED_CORRELATION, MOSTLY_CORRELATION = 0.9, 0.7
UNUSED_KL = 0.05  # nats below which a latent changes nothing that one sees
MAP_SIDE, MAP_EXTENT = 18, 3.0  # the page's map: images along each side, and how far it reaches, in standard deviations
MAX_GRID_SIDE = 24
MAX_ROWS, MAX_STEPS = 10, 16


class LatentEndpoints(Endpoints):
    """Manipulate the latents of any generative model, as far as they may be edited."""

    PUBLIC = ("describe_latents", "decode", "latent_grid", "traverse")

    @as_gradio_error
    def describe_latents(self, model: str = "vae", seed: int = 0) -> dict:
        """The parts of a model's latent, those with a meaning first, and one sample of it.

        Args:
            model: name of a generative checkpoint.
            seed: of the sample.

        Returns:
            sliders (name, column of z, low, high, title, note, hint, words: these three as in ``encode_images``, and
            shown: false for noise beside other latents), categories (names of the categorical part's values, or
            null), z and category (those of the seed's first image; category may be null), attributes (directions of z
            along which one property of the image changes and its class stays: property, direction, of length 1, reach,
            how far one may go to either side, and the property's mean at the ends, low and high).
        """
        loaded = self._require_generative(model)
        latents = loaded.spec.sample(parse_seed(seed), [0])
        return {"sliders": self.sliders(model), "categories": self.store.category_names(model),
                "z": [round(value, 3) for value in latents.z[0].tolist()],
                "category": None if latents.y is None else int(latents.y[0]),
                "attributes": offered_attributes(loaded.card)}

    def is_editable(self, name: str) -> bool:
        """Whether a checkpoint's model has latents that sliders or buttons may change."""
        spec = self.store.spec(name)
        return bool(spec and spec.is_editable)

    def sliders(self, name: str) -> list[dict]:
        """The sliders of ``describe_latents``, without loading the model."""
        return latent_sliders(self.store.card(name), self.store.spec(name))

    @as_gradio_error
    def decode(self, model: str = "vae2d", z: list[float] | None = None, category: int = 0) -> dict:
        """The image of a given latent.

        Args:
            model: name of a generative checkpoint.
            z: all continuous latents, in the model's order; null is the mean.
            category: the label or code value, for models that have one.

        Returns:
            shape, pixels.
        """
        return encode_images(self.decode_array(model, z, category))

    @as_gradio_error
    def decode_array(self, model: str, z: list[float] | None, category: int) -> np.ndarray:
        """The image of ``decode``, uint8 [1, H, W]."""
        loaded = self._require_generative(model)
        return self.store.generate(loaded, parse_z(loaded.spec, z, category))

    @as_gradio_error
    def latent_grid(self, model: str = "vae2d", side: int = MAP_SIDE, extent: float = MAP_EXTENT) -> dict:
        """The images of a two-dimensional latent on a square grid, first row at the top (largest second latent).

        Args:
            model: a checkpoint with two latents and no label, such as vae2d.
            side: images along each side, 2 to 24.
            extent: the grid reaches from -extent to +extent, 0.5 to 5.

        Returns:
            shape, pixels, row by row.
        """
        return encode_images(self.latent_grid_array(model, side, extent))

    @as_gradio_error
    def latent_grid_array(self, model: str, side: int, extent: float) -> np.ndarray:
        """The images of ``latent_grid``, uint8 [side * side, H, W]."""
        loaded = self._require_generative(model)
        if not has_latent_grid(loaded.spec):
            raise Refusal("grid_with_category" if loaded.spec.categorical else "grid", name=model, dim=loaded.spec.dim)
        side, extent = check_int("side", side, 2, MAX_GRID_SIDE), check_float("extent", extent, 0.5, 5)
        # The centers of the cells, so that the corners of the grid lie at the extent.
        centers = (torch.arange(side) + 0.5) / side * 2 * extent - extent
        z = torch.stack(torch.meshgrid(centers, centers.flip(0), indexing="xy"), -1).reshape(-1, 2)
        return self.store.generate(loaded, Latents(z))

    @as_gradio_error
    def map_classes(self, model: str) -> np.ndarray:
        """The class that the classifier reads in each image of the page's map, uint8 [1, MAP_SIDE, MAP_SIDE].

        No image, [0, MAP_SIDE, MAP_SIDE], where there is no classifier of the model's data set. Computed once.
        """
        known, loaded = self.store.map_classes, self._require_generative(model)
        weights = loaded.card.weights_sha256
        if weights not in known:
            images = self.latent_grid_array(model, MAP_SIDE, MAP_EXTENT)
            found = [label for label, _ in self.store.predict(images, loaded) if label is not None]
            known[weights] = np.array(found, np.uint8).reshape(-1, MAP_SIDE, MAP_SIDE)
        return known[weights]

    @as_gradio_error
    def traverse(self, model: str = "infogan", latent: str = "c1", steps: int = 10, rows: int = 5, seed: int = 0,
                 category: int = -1, z: list[float] | None = None) -> dict:
        """Vary one latent, everything else fixed: each row a sample, each column a value (figure 2 of InfoGAN's paper).

        Args:
            model: name of a generative checkpoint.
            latent: the name of a latent, such as c1, c2, c3, digit or z0.
            steps: columns for a continuous latent, 2 to 16; a categorical one has a column per value.
            rows: how many samples, 1 to 10.
            seed: of the samples.
            category: the label or code value where it is not the one that varies; -1 takes a new one for each row.
            z: latents of the first row instead of a sample.

        Returns:
            shape, pixels, columns, values (of the columns), alt, words.
        """
        loaded = self._require_generative(model)
        rows = check_int("rows", rows, 1, MAX_ROWS)
        steps = check_int("steps", steps, 2, MAX_STEPS)
        latents = self._sample_latents(loaded, parse_seed(seed), range(rows), category=category)
        start = latents.z.clone()
        if z is not None:
            start[0] = parse_z(loaded.spec, z).z[0]
        values, column = self._traversed_values(model, latent, steps)
        z_all = start.repeat_interleave(len(values), 0)
        y_all = None if latents.y is None else latents.y.repeat_interleave(len(values))
        if column is None:
            y_all = torch.tensor(values).repeat(rows)
        else:
            z_all[:, column] = torch.tensor(values, dtype=torch.float32).repeat(rows)
        images = self.store.generate(loaded, Latents(z_all, y_all))
        alt = [Text("latents.traversal.alt", row=row + 1, latent=latent_text(latent), value=value)
               for row in range(rows) for value in values]
        return encode_images(images, alt, columns=len(values), values=values)

    def _traversed_values(self, model: str, latent: str, steps: int) -> tuple[list[float], int | None]:
        """The values that a latent takes in a traversal, and its column of z, None for the categorical part."""
        part, sliders = self.store.spec(model).categorical, {s["name"]: s for s in self.sliders(model)}
        if part and latent == part.name:
            return list(range(part.classes)), None
        if not isinstance(latent, str) or latent not in sliders:
            names = [*([part.name] if part else []), *sliders]
            raise Refusal("no_latent", name=model, given=repr(latent), names=names)
        slider = sliders[latent]
        return np.linspace(slider["low"], slider["high"], steps).round(2).tolist(), slider["column"]


def has_latent_grid(spec: LatentSpec) -> bool:
    """Whether a plane shows all of a latent: two editable dimensions and nothing else."""
    return spec.dim == len(spec.editable_columns) == 2 and spec.categorical is None


def latent_sliders(card: Card, spec: LatentSpec) -> list[dict]:
    """One slider per editable latent: those with a meaning first, the most used before the others, then the rest in the
    model's order, those that evaluation found unused last. On a map of two latents their order is that of its axes.

    ``title``: the property that the latent was measured to change, where the correlation is high, else its name;
    ``note``: what else is known, in short; ``hint``: what the note means, a sentence; ``words``: the three as
    references to the catalogs.
    """
    sliders, measured = [], card.latent_stats
    only_noise = all(part.role == "noise" for part in spec.continuous)
    for part in filter(lambda part: part.editable, spec.continuous):
        start, reach = spec.slice_of(part.name).start, SLIDER_RANGE[type(part)]
        shown = only_noise or part.role != "noise"  # no sliders for noise where other latents have a meaning
        sliders += [{"name": part.value_name(k), "column": start + k, "low": -reach, "high": reach, "shown": shown}
                    for k in range(part.dim)]
    properties = {entry["name"]: entry for entry in measured.get("traversals", [])}
    meanings = {slider["column"]: properties[slider["name"]] for slider in sliders
                if abs(properties.get(slider["name"], {"spearman": 0})["spearman"]) >= MOSTLY_CORRELATION}

    def place(slider: dict) -> tuple[bool, bool, int]:
        column = slider["column"]
        unused = "kl" in measured and measured["kl"][column] < UNUSED_KL
        ranked = column in meanings and "order" in measured
        return column not in meanings, unused, measured["order"].index(column) if ranked else column

    if not has_latent_grid(spec):
        sliders.sort(key=place)
    _add_titles(sliders, meanings, measured.get("kl"))
    return sliders


def _add_titles(sliders: list[dict], meanings: dict[int, dict], kl: list[float] | None) -> None:
    """Add ``title``, ``note``, ``hint`` and ``words`` to each slider, from what evaluation has measured."""
    taken = Counter()
    for slider in sliders:
        title: Text | str = slider["name"]
        notes, hint, entry = [], "", meanings.get(slider["column"])
        if entry:
            title = property_text(entry["property"])
            notes.append(slider["name"])
            if abs(entry["spearman"]) < NAMED_CORRELATION:
                title = Text("latents.mostly", property=title)
            taken[str(title)] += 1
            if taken[str(title)] > 1:
                title = Text("latents.numbered", property=title, number=taken[str(title)])
        if kl:
            notes.append(Text("latents.nats", kl=kl[slider["column"]]))
            hint = Text("latents.nats.hint", kl=kl[slider["column"]])
        words = {"title": title, "note": Text("latents.notes", notes=notes) if notes else "", "hint": hint}
        slider |= {key: str(value) for key, value in words.items()} | {"words": to_json(words)}


def property_text(name: str) -> Text | str:
    """What a property of an image is called on screen; one that the catalogs do not know, by its name."""
    return Text.first_of(f"property.{name}") or name
