"""The plain page that the app is compared with: python -m tests.benchmarks.plain_page PORT MODEL,...

Each model's slider changes the same latent as the first slider of the app.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import gradio as gr
import numpy as np
import torch

from genmodels import images
from genmodels.latents import Latents
from genmodels.ui.api.latents import LatentEndpoints
from genmodels.ui.store import ModelStore


def build(models: list[str]) -> gr.Blocks:
    store = ModelStore()

    def generate(name: str, z: object, category: int | None = None) -> np.ndarray:
        y = None if category is None else torch.tensor([category])
        return images.to_uint8(store.get(name).model.generate(Latents(torch.as_tensor(z), y)))

    def explore(name: str) -> tuple[dict, Callable[[float], np.ndarray]]:
        latent = LatentEndpoints(store).describe_latents(name)
        slider = next(s for s in latent["sliders"] if s["shown"])

        def decode(value: float) -> np.ndarray:
            z = list(latent["z"])
            z[slider["column"]] = float(value)
            return generate(name, [z], latent["category"])[0]

        return slider, decode

    def sample_grid(truncation: float = 1.0, seed: float = 0) -> np.ndarray:
        latents = store.get("dcgan").spec.sample(int(seed), range(64))
        return images.make_grid(generate("dcgan", latents.z * truncation), 8)

    with gr.Blocks(analytics_enabled=False) as demo:
        for name in models:
            latent, decode = explore(name)
            slider = gr.Slider(latent["low"], latent["high"], 0, step=0.01, elem_id=f"plain-{name}")
            image = gr.Image(elem_id=f"plain-{name}-image")
            slider.input(decode, slider, image)
        slider, image = gr.Slider(0, 1, 1, step=0.01, elem_id="plain-grid"), gr.Image(elem_id="plain-grid-image")
        slider.input(sample_grid, slider, image)
        seed, button = gr.Number(0, label="Seed"), gr.Button("Draw")
        button.click(lambda seed: sample_grid(seed=seed), seed, image, api_name="sample")
    return demo


if __name__ == "__main__":
    build(sys.argv[2].split(",")).launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
