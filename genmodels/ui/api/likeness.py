"""What is said of reconstructions beside their error in pixels: which model judges likeness, what can be changed."""

from __future__ import annotations

from genmodels.checkpoint import Card
from genmodels.ui.store import ModelStore

# An attribute is on offer where its slider moves the property in nearly all images, from end to end by at least so many
# standard deviations of the property over all images, and where the class stays.
MIN_CORRELATION, MIN_EFFECT, MIN_CONSISTENCY = 0.8, 0.75, 0.9


def likeness_judge(store: ModelStore, dataset: str) -> str | None:
    """The first intact model that judges likeness by its features, among those of a data set; None without one."""
    return next((name for name in _intact(store, dataset) if store.can(name, "likeness")), None)


def likeness_pair(store: ModelStore, name: str) -> tuple[str, str] | None:
    """A model that was trained on pixels, and the one of its data set that judges likeness by features.

    The first is the model ``name``, if it encodes without a label and is not the judge itself, else the first that has
    a likelihood in pixels. None where there are no two.
    """
    dataset = store.card(name).dataset["name"]
    judge = likeness_judge(store, dataset)
    if judge is None or not store.can(judge, "encode"):
        return None
    if name != judge and store.can(name, "encode") and not store.spec(name).categorical:
        return name, judge
    by_pixels = (other for other in _intact(store, dataset)
                 if store.can(other, "elbo") and other != judge and not store.spec(other).categorical)
    first = next(by_pixels, None)
    return None if first is None else (first, judge)


def offered_attributes(card: Card) -> list[dict]:
    """Of the attributes in a card (``metrics.attributes``), those that a slider may change."""
    return [found for found in card.latent_stats.get("attributes", [])
            if abs(found["spearman"]) >= MIN_CORRELATION and found["effect"] >= MIN_EFFECT
            and found["class_consistency"] >= MIN_CONSISTENCY]


def _intact(store: ModelStore, dataset: str) -> list[str]:
    return [option.name for option in store.options()
            if not option.error and store.card(option.name).dataset["name"] == dataset]
