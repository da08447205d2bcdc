"""Latents: change the numbers that an image is generated from."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.latents import LatentEndpoints, has_latent_grid
from genmodels.ui.components import ImageGrid, LatentExplorer, ModelRadio
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import category_title, launch_tab, model_summary, on_event

INTRO = ("Every picture is a point in latent space: drag over the map or move a slider, and the model decodes the "
         "point you are at. A VAE orders its space by learning to reconstruct; InfoGAN finds its codes without labels.")
EXTENT = 3.0  # the map reaches three standard deviations of the prior
STEPS = 10  # columns of a traversal
MAX_CHOICES = 16  # continuous latents that may be traversed, the strongest first


def build(store: ModelStore):
    """Lay out the tab; returns (function, inputs, outputs) that fill it."""
    endpoints = LatentEndpoints(store)
    gr.Markdown(INTRO, elem_classes=["gm-intro"])
    model = ModelRadio(store.options(endpoints.is_editable), "vae2d", "Model", "latents-model")
    summary = gr.HTML(model_summary(store, model.value), apply_default_css=False)

    def sample_latents(request: dict) -> dict:
        """A new sample. Errors are returned: the page would not show one that is raised."""
        try:
            return endpoints.describe_latents(request["model"], request["seed"])
        except gr.Error as error:
            return {"error": error.message}
        except (KeyError, TypeError):
            return {"error": "The page sent a request that cannot be understood; reload it."}

    explorer = LatentExplorer(sample_latents)
    gr.Markdown("### One latent at a time\nEach row is a sample, the first one is yours from above; each column is "
                "a value of the chosen latent, with everything else fixed.")
    with gr.Row():
        with gr.Column(scale=3, min_width=260):
            vary = _latent_dropdown(endpoints, model.value)
            rows = gr.Slider(1, 10, 5, step=1, label="Rows")
        with gr.Column(scale=7, min_width=300):
            traversal = ImageGrid("traversal", "Traversal of one latent")

    def choose(name):
        return model_summary(store, name), _explorer_value(endpoints, name), _latent_dropdown(endpoints, name)

    def traverse(explored, latent, rows):
        if not explored or not latent:
            return gr.skip()
        category = -1 if explored["category"] is None else explored["category"]
        answer = endpoints.traverse(explored["model"], latent, STEPS, rows, 0, category, explored["z"])
        part = store.spec(explored["model"]).categorical
        headings = [explored["categories"][v] for v in answer["values"]] if part and latent == part.name else None
        return answer | {"headings": headings, "file": f"{explored['model']}-{latent}"}

    inputs = [explorer, vary, rows]
    on_event(model.input, choose, model, [summary, explorer, vary])  # which triggers explorer.input
    for change in (explorer.input, vary.input, rows.input):
        on_event(change, traverse, inputs, traversal)
    return lambda name: choose(name)[1:], [model], [explorer, vary]


def _explorer_value(endpoints: LatentEndpoints, name: str) -> dict:
    """The explorer's first value for a model: a sample, or the middle of the map where there is one."""
    store, answer = endpoints.store, endpoints.describe_latents(name, 0)
    spec = store.spec(name)
    part, mapped = spec.categorical, has_latent_grid(spec)
    title = category_title(store, name)
    if part and not part.is_label:
        title = f"{title}, named after the digit that it mostly generates"
    return answer | {"model": name, "extent": EXTENT if mapped else None,
                     "z": [0.0] * spec.dim if mapped else answer["z"], "category_label": title}


def _latent_dropdown(endpoints: LatentEndpoints, name: str | None) -> gr.Dropdown:
    """The latents that may be traversed: the categorical part, then the strongest continuous ones."""
    choices = []
    if name:
        part = endpoints.store.spec(name).categorical
        choices = [(f"{part.name}, all values", part.name)] if part else []
        shown = [slider for slider in endpoints.sliders(name) if slider["shown"]]
        choices += [(", ".join(filter(None, (s["title"], s["note"]))), s["name"]) for s in shown[:MAX_CHOICES]]
    return gr.Dropdown(choices, value=choices[0][1] if choices else None, label="Vary", interactive=True)


if __name__ == "__main__":
    launch_tab(build)
