"""Mesh: bodies that models of meshes generate, turning on a canvas, and the way from one to another."""

from __future__ import annotations

from genmodels.ui.components import MeshExplorer
from genmodels.ui.model_option import ModelOption
from genmodels.ui.store import ModelStore
from genmodels.ui.tabs.common import about, intro, launch_tab, model_summary, note
from genmodels.ui.text import Text, model_text, to_json


def build(store: ModelStore):
    """Lay out the tab. All that it does is done in the page: nothing is asked of the server but weights."""
    intro("mesh.intro")
    value = explorer_value(store)
    MeshExplorer(value)
    about(model_summary(store, next((model["name"] for model in value["models"] if not model["error"]), None))
          + note(Text("mesh.data")))


def explorer_value(store: ModelStore) -> dict:
    """The explorer's value: every checkpoint of a model of meshes that has the properties and bodies of the first."""
    models = [_model(store, option) for option in store.options(lambda name: store.can(name, "mesh"))]
    names = next((model["names"] for model in models if not model["error"]), [])
    kept = [model for model in models if model["error"] or model["names"] == names]
    return {"models": [{key: value for key, value in model.items() if key != "names"} for model in kept],
            "properties": [to_json(Text.first_of(f"property.{name}") or name) for name in names]}


def _model(store: ModelStore, option: ModelOption) -> dict:
    """A model as the explorer takes it. One that was never evaluated has its latents as properties."""
    facts = {"name": option.name, "title": to_json(option.title), "error": option.error and to_json(option.error),
             "note": to_json(model_text("lesson", option.name, store.model_name(option.name))), "names": []}
    if option.error:
        return facts
    spec, measured = store.spec(option.name), store.card(option.name).latent_stats
    same = [[float(i == k) for k in range(spec.dim)] for i in range(spec.dim)] + [[0.0] * spec.dim]
    found = measured.get("parameters", {"names": [f"z{k}" for k in range(spec.dim)], "readout": same,
                                        "directions": same})
    return facts | found | {"shapes": measured.get("shapes", [[0.0] * spec.dim])}


if __name__ == "__main__":
    launch_tab(build)
