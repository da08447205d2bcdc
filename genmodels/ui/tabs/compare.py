"""Compare: the same digit by several models, beside what is known of each."""

from __future__ import annotations

import gradio as gr

from genmodels.ui.api.compare import CompareEndpoints
from genmodels.ui.api.image_payloads import encode_images
from genmodels.ui.api.validation import check_int, parse_seed
from genmodels.ui.components import Comparison
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import intro, launch_tab, on_event, reader, seed_field
from genmodels.ui.text import Text

SHOWN = 8


def build(store: ModelStore):
    """Lay out the tab."""
    endpoints = CompareEndpoints(store)
    intro("compare.intro")
    names = [option.name for option in store.options(endpoints.can_compare) if not option.error]
    rows = [endpoints.figures(name) for name in names]

    def read(model: str, digit: int, seed: str) -> dict:
        if model:
            return endpoints.draw_digit(model, digit, SHOWN, seed)
        images = endpoints.real_digits(check_int("digit", digit, -1, 9), SHOWN, parse_seed(seed))
        return encode_images(images, [Text("compare.real_alt", number=k + 1) for k in range(len(images))])

    comparison = Comparison({"seed": "0", "rows": rows}, reader(read))
    with gr.Row(elem_classes=["gm-describe-settings"]):
        seed = seed_field("compare-seed")
    on_event([seed.input], lambda seed: {"seed": seed["text"], "rows": rows}, seed, comparison)


if __name__ == "__main__":
    launch_tab(build)
