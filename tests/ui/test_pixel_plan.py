"""The plan by which the page draws pixel by pixel, run here as it says by torch; the page itself is a browser test."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from conftest import build, models_with, save_checkpoint, tiny_config
from torch import Tensor

from genmodels.nn.row_lstm import cell, neighbors
from genmodels.ui.engine.pixel_plan import pixel_plan
from genmodels.ui.store import ModelStore

NAMES = models_with("probabilities")


def run_pixel_plan(plan: dict, weights: dict[str, Tensor], x: Tensor) -> Tensor:
    """Logits [N, H, W] of images [N, H, W] of -1 and 1, computed exactly as a plan says, over whole images."""

    def convolve(h: Tensor, op: dict) -> Tensor:
        """Each tap by itself: the map moved by it, times its weights."""
        height, width, out, d = *h.shape[1:3], weights[op["bias"]], op["dilation"]
        taps = [(0, k - op["reach"], weights[op["left"]][:, :, 0, k]) for k in range(op["reach"] + op["sees_itself"])]
        taps += [(r - op["rows"], k - op["reach"], weights[op["above"]][:, :, r, k])
                 for r in range(op["rows"]) for k in range(2 * op["reach"] + 1)]
        for dy, dx, weight in taps:
            moved = F.pad(h, (0, 0, height, height, height, height))  # more than any tap reaches
            y, x = height + dy * d, height + dx * d
            out = out + moved[:, y : y + height, x : x + width] @ weight.T
        return out

    def recur(h: Tensor, op: dict) -> Tensor:
        rows, state, c = [], torch.zeros(len(h), h.shape[2], op["inputs"] // 3), torch.zeros(1)
        for gates in h.unbind(1):
            state, c = cell(gates + neighbors(state) @ weights[op["weight"]].T, c)
            rows.append(state)
        return torch.stack(rows, 1)

    def apply(h: Tensor, operations: list[dict]) -> Tensor:
        for op in operations:
            if op["op"] == "relu":
                h = F.relu(h)
            elif op["op"] == "gate":
                h = torch.tanh(h.chunk(2, -1)[0]) * torch.sigmoid(h.chunk(2, -1)[1])
            elif op["op"] == "linear":
                assert weights[op["weight"]].shape == (op["outputs"], op["inputs"])
                h = F.linear(h, weights[op["weight"]], weights[op["bias"]] if "bias" in op else None)
            else:
                h = {"conv": convolve, "lstm": recur}[op["op"]](h, op)
        return h

    h = convolve(x[..., None], plan["first"]) + weights[plan["position"]]
    for operations in plan["layers"]:
        h = h + apply(h, operations)
    return (apply(h, plan["head"]) + weights[plan["ink"]])[..., 0]


def variants(name: str) -> list[dict]:
    return [{}, {"gated": True, "blocks": 4}] if name == "pixelcnn" else [{}]


@pytest.mark.parametrize(("name", "fields"), [(name, fields) for name in NAMES for fields in variants(name)])
def test_plan_computes_what_the_model_does(name, fields):
    model = build(name, **tiny_config(name, hidden=6, **fields)).eval()
    x = torch.randn(3, 28, 28).sign()
    with torch.no_grad():
        found = run_pixel_plan(pixel_plan(model), model.state_dict(), x)
        assert torch.allclose(torch.sigmoid(found), model.probabilities(x[:, None])[:, 0], atol=1e-5)
    assert found.std() > 0.1


def test_only_what_draws_pixel_by_pixel_has_such_a_plan():
    assert pixel_plan(build("gan", **tiny_config("gan"))) is None


@pytest.mark.parametrize("name", NAMES)
def test_store_answers_with_the_plan_and_its_weights(name, tmp_path):
    """No decoder's plan, which the page would take for one that decodes quickly."""
    model = build(name, **tiny_config(name)).eval()
    save_checkpoint(model, name, tmp_path / name)
    plan = ModelStore(tmp_path).plan(name)
    assert "layers" not in plan
    assert plan["pixels"] == pixel_plan(model)
    assert set(plan["tensors"]) == set(model.state_dict())
