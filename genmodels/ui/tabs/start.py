"""Start: a map that draws itself under the hand, and what there is to do here."""

from __future__ import annotations

import gradio as gr
from gradio.context import Context

from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.latents import has_latent_grid
from genmodels.ui.components import Opening
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import launch_tab, note
from genmodels.ui.text import Text, element

MODEL = "vae2d"  # of the opening
SMALL = 2  # activities of a group that does not need a column of the cards for itself
EXTENT = 2.6  # standard deviations of the prior: nearly all pictures that the model makes


def build(store: ModelStore):
    """Lay out the tab."""
    value = opening_value(store)
    if value:
        Opening(value)
    gr.HTML(cards(getattr(Context.root_block, "groups", {})) + note(Text("page.tagline")), apply_default_css=False)


def opening_value(store: ModelStore) -> dict | None:
    """The opening's first pictures, which are stored beside the weights; None where the model is not there."""
    intact = [option.name for option in store.options() if not option.error]
    stored = store.stored_samples(MODEL) if MODEL in intact and has_latent_grid(store.spec(MODEL)) else None
    if stored is None:
        return None
    z, _ = store.spec(MODEL).draw(0, range(len(stored)))
    return encode_images(stored, model=MODEL, activity="latents", extent=EXTENT, z=z.round(2).tolist())


def cards(groups: dict[str, list[str]]) -> str:
    """A button for each activity of the page that has a description, by groups; small groups share a column."""
    found = {group: [name for name in names if Text.first_of(f"card.{name}")] for group, names in groups.items()}
    small = [_group(group, names) for group, names in found.items() if 0 < len(names) <= SMALL]
    large = [_group(group, names) for group, names in found.items() if len(names) > SMALL]
    column = element("div", "".join(small), class_="gm-cards-column") if small else ""
    return element("div", column + "".join(large), class_="gm-cards")


def _group(group: str, names: list[str]) -> str:
    title = Text.first_of(f"group.{group}") or Text(f"tab.{group}")
    buttons = "".join(
        element("button", element("strong", Text(f"tab.{name}")) + element("span", Text(f"card.{name}")), type="button",
                class_="gm-card", data_open=name)
        for name in names)
    return element("section", element("h2", title) + element("div", buttons), style=f"flex-grow: {len(names)}")


if __name__ == "__main__":
    launch_tab(build)
