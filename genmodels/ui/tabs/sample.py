"""Sample: generate images with a model, look at one closely, walk between them."""

from __future__ import annotations

import json

import gradio as gr

from genmodels.ui.api.image_payloads import decode_images, encode_images
from genmodels.ui.api.sample import MAX_IMAGES, MAX_KEYFRAMES, SampleEndpoints, sample_alt
from genmodels.ui.components import Animation, ImageGrid, LiveSlider, ModelRadio, Select, StateValue, select_value
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import (
    about,
    category_choice,
    count_slider,
    definition_list,
    intro,
    kept_category,
    launch_tab,
    model_summary,
    note,
    on_event,
    pixelated_img,
    seed_field,
)
from genmodels.ui.text import Text, element
from genmodels.ui.translation import label

COUNT = 36  # images at first
WIDTH = 180  # of an enlarged image, in CSS pixels, at most
PLACEHOLDER = element("div", element("span", class_="gm-empty") + note(Text("sample.detail.placeholder")),
                      class_="gm-closer")


def build(store: ModelStore):
    """Lay out the tab; it begins with stored samples where there are some."""
    endpoints = SampleEndpoints(store)
    options, preferred = store.options(), "dcgan"
    first = stored_answer(store, preferred) if preferred in [o.name for o in options if not o.error] else None
    intro("sample.intro")
    model = ModelRadio(options, preferred, "sample-model", announce=first is None)
    with gr.Row(elem_classes=["gm-layout", "gm-sample"]):
        with gr.Column():
            count = count_slider("count", "sample.count", "pictures", 1, MAX_IMAGES, COUNT, state="count")
            seed = seed_field("sample-seed")
            with gr.Column(visible=_shown(endpoints, model.value)) as truncating:
                truncation = LiveSlider("truncation", "sample.truncation", 0, 1, 1)
            category = Select("category", category_choice(store, model.value), "category")
            summary = about(_summary(endpoints, model.value))
        with gr.Column():
            grid = ImageGrid("samples", "sample.grid", selectable=True, value=first)
        with gr.Column():
            detail = gr.HTML(PLACEHOLDER, elem_id="gm-detail", apply_default_css=False)
            index = StateValue("index", 0)

    sampling = [model, count, seed, truncation, category]

    def sample(model, count, seed, truncation, category):
        request = {"model": model, "count": count, "seed": seed["text"], "truncation": truncation,
                   "category": kept_category(store, model, category["value"])}
        return endpoints.sample(**request) | _of_request(request)

    def inspect(model, seed, truncation, category, count, index):
        index, kept = min(index, count - 1), kept_category(store, model, category["value"])
        answer = endpoints.inspect(model, seed["text"], index, truncation, kept)
        return _detail_html(answer, seed["text"], index, _ways_on(store, model, answer))

    def choose(name, category):
        shown = _shown(endpoints, name)
        return (_summary(endpoints, name), category_choice(store, name, category["value"]), gr.Column(visible=shown),
                gr.Column(visible=shown), _walk_note(store, name))

    with gr.Column(visible=_shown(endpoints, model.value)) as walking:
        keeps = _build_walk(endpoints, model, seed, truncation, category)
    on_event([model.input], choose, [model, category], [summary, category, truncating, walking, keeps])
    on_event([model.input, count.input, category.input, seed.input], sample, sampling, grid)
    on_event([index.input, model.input, count.input, seed.input, truncation.input, category.input], inspect,
             [model, seed, truncation, category, count, index], detail)


def _build_walk(endpoints: SampleEndpoints, model, seed, truncation, category) -> gr.HTML:
    """The walk through latent space, below the samples and with their settings; returns the note on what it keeps."""
    with gr.Accordion(label("walk.title"), open=False), gr.Row():
        with gr.Column(scale=4, min_width=280):
            keyframes = count_slider("keyframes", "walk.keyframes", "keyframes", 2, MAX_KEYFRAMES, 4)
            paths = [(Text("walk.slerp"), "slerp"), (Text("walk.lerp"), "lerp")]
            path = Select("path", select_value(Text("walk.path"), paths, "slerp"))
            frames = count_slider("frames", "walk.frames", "frames", 16, 200, 80, step=4)
            keeps = gr.HTML(_walk_note(endpoints.store, model.value), apply_default_css=False)
            start = gr.Button(label("walk.start"), variant="primary")
        with gr.Column(scale=6, min_width=280):
            animation = Animation()

    def walk(model, seed, keyframes, frames, path, truncation, category):
        return endpoints.walk(model, seed["text"], keyframes, frames, path["value"], truncation,
                              category["value"])

    on_event([start.click], walk, [model, seed, keyframes, frames, path, truncation, category], animation,
             show_progress="full", show_progress_on=[animation])
    return keeps


def _shown(endpoints: SampleEndpoints, name: str | None) -> bool | str:
    """``visible`` of the controls that change latents; "hidden" keeps them in the page, with their values."""
    return True if not name or endpoints.has_editable_columns(name) else "hidden"


def _walk_note(store: ModelStore, name: str | None) -> str:
    """A line on the category that a walk keeps; empty for a model that has none."""
    if not _has_categories(store, name):
        return ""
    return note(Text("walk.keeps", part=Text.first_of(f"part.{store.spec(name).categorical.name}", "part.category")))


def _summary(endpoints: SampleEndpoints, name: str | None) -> str:
    """The line on a model, a line on what is hidden, where that is so, and a button that opens the model's history."""
    hidden = _shown(endpoints, name) == "hidden"
    history = element("button", Text("open.history"), type="button", class_="gm-button", data_open="history",
                      data_state=json.dumps({"model": name})) if name else ""
    return model_summary(endpoints.store, name) + (note(Text("sample.not_editable")) if hidden else "") + history


def stored_answer(store: ModelStore, name: str | None) -> dict | None:
    """What ``sample`` returns for the page's initial settings, from the file beside the weights: nothing is computed.

    None where there is no such file, or where the model has categories: earlier versions stored them at random.
    """
    stored = None if not name or _has_categories(store, name) else store.stored_samples(name)
    if stored is None or len(stored) < COUNT:
        return None
    title = store.title(name)
    request = {"model": name, "count": COUNT, "seed": "0", "truncation": 1.0, "category": -1}
    return encode_images(stored[:COUNT], [sample_alt(title, i) for i in range(COUNT)]) | _of_request(request)


def _of_request(request: dict) -> dict:
    """What an ImageGrid is told of the arguments of ``sample`` behind its images."""
    return {"file": f"{request['model']}-seed-{request['seed']}", "request": request,
            "latents": {"action": "latents", "call": request}}


def _has_categories(store: ModelStore, name: str | None) -> bool:
    return bool(name) and store.category_names(name) is not None


def _ways_on(store: ModelStore, name: str, answer: dict) -> str:
    """Buttons that open what ``inspect`` returned in other activities, as HTML."""
    spec, ways = store.spec(name), []
    if spec.is_editable:
        ways.append(("latents", {"model": name, "latents": [round(v, 3) for v in answer["latents"]],
                                 "code": answer["category"]}))
    model = {"model": name} if store.can(name, "reconstruct") else {}
    ways.append(("reconstruct", model | {"picture": {"pixels": answer["pixels"], "shape": answer["shape"][1:]}}))
    return element("div", "".join(
        element("button", Text(f"open.{activity}"), type="button", class_="gm-button", data_open=activity,
                data_state=json.dumps(state)) for activity, state in ways), class_="gm-toolbar")


def _detail_html(answer: dict, seed: str, index: int, ways_on: str) -> str:
    """What ``inspect`` returned, as HTML."""
    rows = [(Text("seed.label"), Text("sample.detail.seed", seed=seed, index=index))]
    if answer["score"] is not None:
        rank = answer["real_percentile"]
        rows.append((Text("sample.detail.discriminator"),
                     Text("sample.detail.score", score=answer["score"]) if rank is None
                     else Text("sample.detail.rank", rank=rank)))
    if answer["predicted"] is not None:
        rows.append((Text("classifier.predicts"), Text("classifier.prediction", predicted=answer["predicted"],
                                                        confidence=answer["confidence"])))
    image = decode_images(answer)[0]
    alt = Text("sample.detail.alt", seed=seed, index=index)
    html = pixelated_img(image, alt, width=WIDTH) + definition_list(rows) + ways_on
    if answer["neighbor"] is not None:
        neighbor = decode_images({"pixels": answer["neighbor"], "shape": image.shape})
        html += pixelated_img(neighbor, Text("sample.detail.neighbor.alt"), Text("sample.detail.neighbor"), WIDTH)
    return element("div", html, class_="gm-panel gm-closer")


if __name__ == "__main__":
    launch_tab(build)
