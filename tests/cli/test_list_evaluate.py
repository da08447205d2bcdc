"""The verbs ``list`` and ``evaluate``, and the tables they write."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT, change_card

import genmodels
from cli.helpers import MODELS, read_npz, save_small_checkpoints
from genmodels import checkpoint, images
from genmodels.cli.main import main
from genmodels.evaluation import article, protocol, report
from genmodels.metrics.registry import METRICS
from genmodels.morphology import PROPERTIES


def test_list_names_damaged_and_missing_checkpoints(run, tmp_path):
    root = save_small_checkpoints(tmp_path / "mixed")
    weights = root / "dcgan" / checkpoint.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    (root / "gan" / checkpoint.CARD).write_text("{")
    status, table, stderr = run("list", root)
    assert (status, stderr) == (0, "")
    assert any(line.startswith("cgan ") and "Synthetic digits" in line for line in table.splitlines())
    assert "'dcgan' is damaged" in table and "'gan' is damaged" in table and "'vae2d' is missing" in table


TINY = protocol.EvalProtocol(
    max_samples=20, caps={"cas": 30, "nn_test_error": 30, "copy_rate": 10, "class_consistency": 5}, resamples=3,
    c2st_steps=2, cas_steps=2, parzen_test_images=10, usage_images=20, nll_base=(6, 4), nll_correction=(2, 8),
    nll_static=(3, 4), bound_images=(3, 2), curve_limits=(10, 2), attribute_images=(20, 4))


@pytest.fixture
def tiny(monkeypatch, few_images):
    monkeypatch.setattr(protocol, "FULL", TINY)
    monkeypatch.setattr(protocol, "QUICK", TINY)


def test_full_evaluation_writes_metrics_into_the_cards(run, tmp_path, tiny):
    root = save_small_checkpoints(tmp_path / "mixed")
    change_card(root / "gan", info={"capabilities": ["decode"]})  # as of older code
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    names = " ".join([*MODELS, "controls", "learning-curves"])
    for what in ("cnn gan", f"{names} --full --dry-run"):
        status, printed, _ = run(f"evaluate {what}", root)
        assert status == 0 and {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    status, table, _ = run(f"evaluate {names} --full", root)
    assert status == 0 and [line.split()[:2] for line in table.splitlines()] == [
        line.split()[:2] for line in printed.splitlines()]
    assert "conditional_accuracy" in table and ">= 0.995" in table and "(one-class)" in table

    cards = {name: checkpoint.read_card(name, root) for name in MODELS}
    assert cards["gan"].info["capabilities"] == ["decode", "score"]
    measured = {name: set(card.metrics) for name, card in cards.items()}
    of_samples = {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage", "class_kl",
                  "class_histogram", "class_min", "class_max", "c2st_accuracy", "copy_rate", "data_copying_score",
                  "parzen"}
    generative, conditional = of_samples | {"ms_per_sample"}, {"conditional_accuracy", "cas", "nn_test_error"}
    encoding = {"reconstruction_mse", "reconstruction_accuracy", "sharpness_error", "bottleneck_bits", "elbo",
                "active_units", "nll", "nll_static"}
    coding = {"clustering_error", "mi_lower_bound", "code_rank_correlation", "code_properties", "class_consistency"}
    assert measured["cnn"] == {"validation_accuracy", "test_accuracy"}
    assert measured["gan"] == measured["dcgan"] == generative
    assert measured["cgan"] == generative | conditional
    assert measured["infogan"] == generative | coding
    assert measured["vae"] == generative | encoding
    assert measured["cvae"] == generative | encoding | conditional | {"bound_accuracy"}
    quantiles = cards["cvae"].latent_stats["log_prob_quantiles"]
    assert (quantiles["n"], quantiles["importance_samples"], len(quantiles["values"][0])) == (3, 2, 2)
    curves = json.loads((root / "learning_curves.json").read_text())
    assert {task: [point["draws"] for point in found["points"]] for task, found in curves.items()} == {
        "pixels": [2], "coarse": [2], "drawings": [2]}
    controls = json.loads((root / "controls.json").read_text())
    assert list(controls) == ["real", "copies", "blurred", "class-means", "one-class"]
    assert all(set(found) == of_samples | conditional for found in controls.values())
    accuracy, cas = (cards["cgan"].metrics[key] for key in ("conditional_accuracy", "cas"))
    assert accuracy["n"] == 20 and accuracy["seed"] == 0 and cas["n"] == 30
    assert accuracy["classifier"] == cards["cnn"].weights_sha256[:12]
    assert sorted(cards["infogan"].latent_stats["category_to_class"]) == list(range(10))
    assert [code["name"] for code in cards["infogan"].latent_stats["traversals"]] == ["c2", "c3"]
    assert len(cards["vae"].latent_stats["kl"]) == len(cards["vae"].latent_stats["traversals"]) == 4
    attributes = {entry["property"]: entry["direction"] for entry in cards["vae"].latent_stats["attributes"]}
    assert set(attributes) == set(PROPERTIES) and all(len(direction) == 4 for direction in attributes.values())
    written = (root / "README.md").read_text()
    assert written == report.render_markdown(*report.read_results(root))
    assert "| (blurred) |" in written and "| vae | z" in written

    run("sample cgan --n 20 --out a.npz", root)  # the metric is measured on the images that this command writes
    file = read_npz("a.npz")
    predicted = genmodels.load("cnn", root).classify(images.from_uint8(file["images"])).argmax(1).numpy()
    assert accuracy["value"] == round((predicted == file["labels"]).mean(), 4)
    assert "conditional_accuracy" in run("list", root)[1]


def test_evaluate_reports_skipped_measures(run, tmp_path, tiny):
    root = save_small_checkpoints(tmp_path / "mixed")
    path = root / "dcgan" / checkpoint.CARD
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"dataset": card["dataset"] | {"name": "fashion", "title": "Fashion-MNIST"}}))
    status, table, stderr = run("evaluate cvae dcgan vae2d", root)
    assert status == 2 and "cvae" in table and "'vae2d' is missing" in stderr
    assert "dcgan: skipped frechet_distance, kernel_distance," in stderr and stderr.count("\n") == 2
    assert "classifies Synthetic digits, but dcgan generates Fashion-MNIST" in stderr


def test_full_evaluation_keeps_old_results_of_skipped_measures(run, tmp_path, tiny):
    root = save_small_checkpoints(tmp_path / "mixed")
    assert run("evaluate dcgan --full", root)[0] == 0
    before, path = checkpoint.read_card("dcgan", root), root / "cnn" / checkpoint.CARD
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"dataset": card["dataset"] | {"name": "fashion", "title": "Fashion-MNIST"}}))
    status, table, _ = run("evaluate dcgan --full --seed 1", root)
    after = checkpoint.read_card("dcgan", root)
    assert status == 0 and "c2st_accuracy" in table
    assert after.metrics["frechet_distance"] == before.metrics["frechet_distance"]
    assert after.metrics["c2st_accuracy"]["seed"] == 1 and set(after.metrics) == set(before.metrics)


def test_the_readme_shows_the_metrics_of_the_cards(capsys):
    """The table in README.md is what ``list --markdown`` prints of the shipped checkpoints."""
    assert main(["list", "--markdown"]) == 0
    readme = (ROOT / "README.md").read_text()
    shown = readme.split("<!-- figures -->")[1].split("<!-- /figures -->")[0]
    assert shown.strip() == capsys.readouterr().out.strip()


def test_each_system_of_the_outline_has_been_measured():
    """And its tabs and metrics exist: ``Text`` and ``METRICS`` refuse others."""
    header, *rows = article.system_rows(report.read_results(checkpoint.ROOT)[0])
    assert not [row for row in rows if row[header.index("measure")] and not row[header.index("ours")]]
    assert {system.metric for system in article.SYSTEMS} <= {"", *METRICS}


def test_list_updates_the_tables_of_a_file(run, root, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nstale text\n<!-- /figures -->\nafter\n")
    assert run(f"list --update {page}", root)[0] == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "stale" not in text and "| `gan` |" in text
    page.write_text("no markers")
    status, _, stderr = run(f"list --update {page}", root)
    assert status == 2 and "to write between" in stderr and page.read_text() == "no markers"


def test_the_report_among_the_checkpoints_follows_from_the_cards():
    cards, controls, *others = report.read_results(checkpoint.ROOT)
    assert (checkpoint.ROOT / "README.md").read_text() == report.render_markdown(cards, controls, *others)
    results = [result for card in cards for result in card.metrics.values()]
    results += [result for found in controls.values() for result in found.values()]
    classifiers = {result["classifier"] for result in results if "classifier" in result}
    assert classifiers == {checkpoint.read_card("cnn").weights_sha256[:12]}, "measured with another classifier"
