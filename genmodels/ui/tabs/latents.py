"""Latents: change the numbers that an image is generated from."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.base import ScreenError, error_answer
from genmodels.ui.api.latents import MAP_EXTENT, MAP_SIDE, MAX_ROWS, LatentEndpoints, has_latent_grid
from genmodels.ui.components import ImageGrid, LatentExplorer, ModelRadio, Select, select_value
from genmodels.ui.store import ModelStore, class_text
from genmodels.ui.tabs.common import category_title, count_slider, intro, launch_tab, model_summary, on_event
from genmodels.ui.text import Text, element, latent_text, to_json

STEPS = 10  # columns of a traversal
MAX_CHOICES = 16  # continuous latents that may be traversed, the strongest first


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = LatentEndpoints(store)
    intro("latents.intro")
    model = ModelRadio(store.options(endpoints.is_editable), "vae2d", "latents-model", announce=True)

    def sample_latents(request: dict) -> dict:
        """A new sample. Errors are returned: the page would not show one that is raised."""
        try:
            return endpoints.describe_latents(request["model"], request["seed"])
        except ScreenError as error:
            return error_answer(error.text)
        except (KeyError, TypeError):
            return error_answer(Text("error.bad_request"))

    explorer = LatentExplorer(sample_latents)
    summary = gr.HTML(model_summary(store, model.value), apply_default_css=False)
    gr.HTML(element("h2", Text("latents.traversal.title")) + element("p", Text("latents.traversal.intro")),
            elem_classes=["gm-intro"], apply_default_css=False)
    with gr.Row():
        with gr.Column(scale=3, min_width=260):
            vary = Select("vary", _latent_choice(endpoints, model.value), "vary")
            rows = count_slider("traversal-rows", "latents.rows", "rows", 1, MAX_ROWS, 5, state="rows")
        with gr.Column(scale=7, min_width=300):
            traversal = ImageGrid("traversal", "latents.traversal.grid")

    def choose(name):
        return model_summary(store, name), _explorer_value(endpoints, name), _latent_choice(endpoints, name)

    def traverse(explored, vary, rows):
        latent = vary["value"]
        if not explored or not latent:
            return gr.skip()
        category = -1 if explored["category"] is None else explored["category"]
        answer = endpoints.traverse(explored["model"], latent, STEPS, rows, 0, category, explored["z"])
        part = store.spec(explored["model"]).categorical
        headings = [explored["categories"][v] for v in answer["values"]] if part and latent == part.name else None
        return answer | {"headings": headings, "file": f"{explored['model']}-{latent}"}

    inputs = [explorer, vary, rows]
    on_event([model.input], choose, model, [summary, explorer, vary])  # which triggers explorer.input
    on_event([explorer.input, vary.input, rows.input], traverse, inputs, traversal)


def _explorer_value(endpoints: LatentEndpoints, name: str) -> dict:
    """The explorer's first value for a model: a sample, or the middle of the map where there is one."""
    store, answer = endpoints.store, endpoints.describe_latents(name, 0)
    del answer["attributes"]  # which have sliders in another activity
    spec = store.spec(name)
    part, mapped = spec.categorical, has_latent_grid(spec)
    title = Text("category.code_named", name=part.name) if part and not part.is_label else category_title(store, name)
    classes = store.card(name).dataset.get("classes") if mapped else None
    return answer | {"model": name, "map": {"side": MAP_SIDE, "extent": MAP_EXTENT} if mapped else None,
                     "classes": _words(classes or None),
                     "z": [0.0] * spec.dim if mapped else answer["z"], "category_title": to_json(title),
                     "categories": _words(answer["categories"])}


def _words(classes: list[str] | None) -> list | None:
    """The names of classes as the page takes them."""
    return classes and [to_json(class_text(name)) for name in classes]


def _latent_choice(endpoints: LatentEndpoints, name: str | None) -> dict:
    """The latents that may be traversed: the categorical part, then the strongest continuous ones."""
    options = []
    if name:
        part = endpoints.store.spec(name).categorical
        options = [(Text("latents.all_values", name=latent_text(part.name)), part.name)] if part else []
        shown = [slider for slider in endpoints.sliders(name) if slider["shown"]]
        options += [(_slider_text(slider), slider["name"]) for slider in shown[:MAX_CHOICES]]
    return select_value(Text("latents.vary"), options, options[0][1] if options else "")


def _slider_text(slider: dict) -> dict:
    """A slider's title and the name of its latent as one sentence, as the page takes it."""
    title, name = slider["words"]["title"], slider["name"]
    return {"key": "latents.notes", "values": {"notes": [title] if title == name else [title, name]}}


if __name__ == "__main__":
    launch_tab(build)
