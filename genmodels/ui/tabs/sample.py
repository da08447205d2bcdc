"""Sample: generate images with a model, look at one closely, walk between them."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.image_payloads import decode_images, encode_images
from genmodels.ui.api.sample import MAX_IMAGES, MAX_KEYFRAMES, SampleEndpoints
from genmodels.ui.components import Animation, ImageGrid, LiveSlider, ModelRadio
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import (
    NEW_SEED,
    category_title,
    definition_list,
    launch_tab,
    model_summary,
    on_event,
    pixelated_img,
    seed_row,
)

INTRO = ("Random numbers go in, pictures come out: none of these was made by a person. Choose a model and compare how "
         "sharp, varied and plausible its pictures are; select one to look closer.")
COUNT = 36  # images at first
NOT_EDITABLE = ('<p class="gm-note">Truncation and walks are left out: the numbers that go into this model only decide'
                " random choices, so nothing lies between two pictures.</p>")
PLACEHOLDER = '<p class="gm-note">Select a picture to enlarge it and see how discriminator and classifier rate it.</p>'


def build(store: ModelStore):
    """Lay out the tab; returns (function, inputs, outputs) that fill it, None where stored samples fill it already."""
    endpoints = SampleEndpoints(store)
    gr.Markdown(INTRO, elem_classes=["gm-intro"])
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            model = ModelRadio(store.options(), "dcgan", "Model", "sample-model")
            summary = gr.HTML(_summary(endpoints, model.value), apply_default_css=False)
            count = gr.Slider(1, MAX_IMAGES, COUNT, step=1, label="Pictures")
            seed, new = seed_row()
            with gr.Column(visible=_shown(endpoints, model.value)) as truncating:
                truncation = LiveSlider("truncation", "Truncation",
                                        "Below 1 pulls towards the mean: safer, less varied.", 0, 1, 1)
            category = _category_dropdown(store, model.value)
        with gr.Column(scale=6, min_width=300, elem_classes=["gm-narrow-first"]):
            first = stored_answer(store, model.value)
            grid = ImageGrid("samples", "Samples; choose one to look closer", selectable=True, value=first)
        with gr.Column(scale=2, min_width=180):
            detail = gr.HTML(PLACEHOLDER, elem_id="gm-detail", apply_default_css=False)

    sampling = [model, count, seed, truncation, category]

    def sample(model, count, seed, truncation, category):
        request = {"model": model, "count": count, "seed": seed, "truncation": truncation, "category": category}
        return endpoints.sample(**request) | {"file": f"{model}-seed-{seed}", "request": request}

    def inspect(model, seed, truncation, category, event: gr.EventData):
        return _detail_html(endpoints.inspect(model, seed, event.index, truncation, category), seed, event.index)

    def choose(name, category):
        kept = category if _has_categories(store, name) else -1
        shown = _shown(endpoints, name)
        return (_summary(endpoints, name), _category_dropdown(store, name, kept), PLACEHOLDER, gr.Column(visible=shown),
                gr.Column(visible=shown))

    with gr.Column(visible=_shown(endpoints, model.value)) as walking:
        _build_walk(endpoints, model, seed, truncation, category)
    chosen = on_event(model.input, choose, [model, category], [summary, category, detail, truncating, walking])
    on_event(chosen.then, sample, sampling, grid)
    for change in (count.input, category.input, seed.submit, seed.blur):
        on_event(change, sample, sampling, grid)
    on_event(new.click(None, None, seed, js=NEW_SEED, api_visibility="private").then, sample, sampling, grid)
    on_event(grid.select, inspect, [model, seed, truncation, category], detail)
    return None if first else (sample, sampling, grid)


def _build_walk(endpoints: SampleEndpoints, model, seed, truncation, category) -> None:
    """The walk through latent space, below the samples and with their settings."""
    with gr.Accordion("Walk through latent space", open=False), gr.Row():
        with gr.Column(scale=4, min_width=280):
            keyframes = gr.Slider(2, MAX_KEYFRAMES, 4, step=1, label="Keyframes",
                                  info="The first pictures of the seed; the walk returns to its start.")
            path = gr.Radio([("Great circle (slerp)", "slerp"), ("Straight line (lerp)", "lerp")], value="slerp",
                            label="Path")
            frames = gr.Slider(16, 200, 80, step=4, label="Frames")
            start = gr.Button("Walk", variant="primary")
        with gr.Column(scale=6, min_width=280):
            animation = Animation()
    start.click(endpoints.walk, [model, seed, keyframes, frames, path, truncation, category], animation,
             concurrency_limit=None, show_progress_on=[animation], api_visibility="private")


def _shown(endpoints: SampleEndpoints, name: str | None) -> bool | str:
    """``visible`` of the controls that change latents; "hidden" keeps them in the page, with their values."""
    return True if not name or endpoints.has_editable_columns(name) else "hidden"


def _summary(endpoints: SampleEndpoints, name: str | None) -> str:
    """The line on a model, and a line on what is hidden, where that is so."""
    return model_summary(endpoints.store, name) + (NOT_EDITABLE if _shown(endpoints, name) == "hidden" else "")


def stored_answer(store: ModelStore, name: str | None) -> dict | None:
    """What ``sample`` returns for the page's initial settings, from the file beside the weights: nothing is computed.

    None where there is no such file, or where the model has categories, since the file's images have random ones.
    """
    stored = None if not name or _has_categories(store, name) else store.stored_samples(name)
    if stored is None or len(stored) < COUNT:
        return None
    title = store.title(name)
    request = {"model": name, "count": COUNT, "seed": "0", "truncation": 1.0, "category": -1}
    return encode_images(stored[:COUNT], alt=[f"{title}, picture {i}" for i in range(COUNT)], file=f"{name}-seed-0",
                         request=request)


def _has_categories(store: ModelStore, name: str | None) -> bool:
    return bool(name) and store.category_names(name) is not None


def _category_dropdown(store: ModelStore, name: str | None, value: int = -1) -> gr.Dropdown:
    """The choice of a label or code; hidden for a model that has none."""
    names = (store.category_names(name) if name else None) or []
    choices = [("each in turn", -1), *sorted((text, k) for k, text in enumerate(names))]
    return gr.Dropdown(choices, value=value, label=category_title(store, name), interactive=True, visible=bool(names))


def _detail_html(answer: dict, seed: str, index: int) -> str:
    """What ``inspect`` returned, as HTML."""
    rows = [("Seed", f"{seed}, picture {index}")]
    if answer["score"] is not None:
        rank = answer["real_percentile"]
        rows.append(("Discriminator", f"{answer['score']:+.2f}" if rank is None
                     else f"scores it above {rank:.0%} of real images"))
    if answer["predicted"] is not None:
        rows.append(("Classifier predicts", f"{answer['predicted']} ({answer['confidence']:.0%})"))
    image = decode_images(answer)[0]
    html = pixelated_img(image, f"Picture {index} of seed {seed}, enlarged", width=180) + definition_list(rows)
    if answer["neighbor"] is not None:
        neighbor = decode_images({"pixels": answer["neighbor"], "shape": image.shape})
        html += pixelated_img(neighbor, "The nearest training image", "Nearest training image: is it a copy?", 180)
    return f'<div class="gm-panel gm-column">{html}</div>'


if __name__ == "__main__":
    launch_tab(build)
