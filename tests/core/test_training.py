"""Training: reproducible, resumable, in several processes, with clear errors. All on synthetic digits."""

from __future__ import annotations

import ast
import dataclasses
import json
import math
import re
import shlex
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT, build, drawn_dataset, largest_change, mostly_slow, tiny_config
from PIL import Image

import train
from core.helpers import GOES_ON, STEPS, interrupt, short_run, step_on_a_clock, tree, weights
from genmodels import checkpoint, data, registry, training
from genmodels import images as image_tools
from genmodels.interrupts import STATE
from genmodels.model import Batch, GenerativeModel
from genmodels.training import command, distributed, loop, precision
from genmodels.training.history import CURVE_POINTS, SNAPSHOT_IMAGES, SNAPSHOTS, History, snapshot_latents

# A classifier, a closed form, a GAN, a VAE, a run in two phases.
every_model = mostly_slow("name", registry.MODELS, ["cnn", "naive_bayes", "dcgan", "vae", "vqvae2"])

# ---- Reproducing and resuming


@every_model
def test_the_command_on_the_card_reproduces_the_weights(name, call, monkeypatch):
    """To the same bytes; another seed gives others. Nothing is drawn."""
    if issubclass(cls := registry.model_class(name), GenerativeModel):
        monkeypatch.setattr(cls, "generate", lambda self, latents: torch.zeros(
            len(latents), self.config.channels, self.config.height, self.config.width))
    assert call(*short_run(name), "--out", "a b", "--seed", 5)[0] == 0
    Path("a b").rename("first")
    program, script, *words = shlex.split(checkpoint.read_card("first", Path()).training["command"])
    assert (program, script) == ("python", "train.py") and call(*words)[0] == 0
    assert weights("a b") == weights("first")
    if build(name, **tiny_config(name)).optimizers():  # a closed form does not depend on the order of the images
        assert call(*short_run(name), "--out", "other", "--seed", 6)[0] == 0
        assert weights("other") != weights("first")


@every_model
def test_a_resumed_run_gives_the_same_files_as_an_uninterrupted_one(name, call, monkeypatch):
    assert call(*short_run(name), "--out", "whole")[0] == 0
    with monkeypatch.context() as patch:
        interrupt(patch, name, step=3)
        status, stderr, _ = call(*short_run(name), "--out", "parts")
    assert status == 130 and stderr.endswith(f"{GOES_ON}step 4 of parts\n")
    assert tree(Path("parts")) == [STATE]
    with monkeypatch.context() as patch:  # a resumed run can be interrupted and resumed again
        interrupt(patch, name, step=5)
        assert call(*short_run(name), "--out", "parts", "--resume")[0] == 130
    assert call(*short_run(name), "--out", "parts", "--resume")[0] == 0
    assert tree(Path("parts")) == tree(Path("whole"))
    for file in tree(Path("whole")):
        if file != checkpoint.CARD:
            assert Path("parts", file).read_bytes() == Path("whole", file).read_bytes(), file


def test_resuming_with_other_settings_is_refused(call, monkeypatch):
    assert call(*short_run("gan"), "--out", "a", "--resume")[0] == 2
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", step=4)
        assert call(*short_run("gan"), "--out", "a")[0] == 130
    monkeypatch.setattr(data.Dataset, "load", lambda *arguments, **options: pytest.fail("images were read"))
    for change, named in ((["--seed", "1"], "seed=0 and not 1"), (["--set", "lr=0.1"], "lr=0.001 and not 0.1"),
                          (["--steps", "99"], "steps=8 and not 99"), (["--dataset", "mnist"], "dataset=synthetic")):
        status, stderr, _ = call(*short_run("gan"), *change, "--out", "a", "--resume")
        assert status == 2 and f"other settings, {named}" in stderr and "--force" in stderr
    Path("a", STATE).write_bytes(b"not a state")
    status, stderr, _ = call(*short_run("gan"), "--out", "a", "--resume")
    assert status == 2 and "is damaged" in stderr and stderr.count("\n") == 1


def test_resuming_with_other_images_is_refused(call, monkeypatch, images):
    interrupt(monkeypatch, "gan", step=4)
    assert call(*short_run("gan"), "--out", "a")[0] == 130
    monkeypatch.setattr(data.Dataset, "load", lambda *arguments, **options: images[:30])
    status, stderr, _ = call(*short_run("gan"), "--out", "a", "--resume")
    assert status == 2 and "other images" in stderr


def test_all_with_resume_continues_where_it_stopped(call, monkeypatch):
    """Complete checkpoints are kept, the interrupted one is resumed, the others are trained."""
    rates = {"one": 0.1, "two": 0.2, "three": 0.3}
    gan = registry.MODELS["gan"]
    jobs = {name: registry.Entry(gan, "synthetic", tiny_config("gan", steps=STEPS, lr=rate))
            for name, rate in rates.items()}
    monkeypatch.setattr(registry, "CHECKPOINTS", jobs)
    everything = ["--all"]
    with monkeypatch.context() as patch:
        whole = registry.model_class("gan").train_step

        def train_step(self, batch, optimizers):
            if self.config.lr == 0.2 and batch.step == 5:
                signal.raise_signal(signal.SIGINT)
            return whole(self, batch, optimizers)

        patch.setattr(registry.model_class("gan"), "train_step", train_step)
        assert call(*everything)[0] == 130
    first = Path("checkpoints/one", checkpoint.CARD).read_bytes()
    status, stderr, _ = call(*everything, "--resume")
    assert status == 0 and "one is complete already" in stderr and "two is complete" not in stderr
    assert Path("checkpoints/one", checkpoint.CARD).read_bytes() == first
    assert all(checkpoint.load(name, Path("checkpoints"))[0] for name in jobs)


# ---- What a run writes


@every_model
def test_a_run_writes_a_complete_checkpoint(name, call, images):
    assert call(*short_run(name), "--out", "made", "--seed", 3)[0] == 0
    model, card = checkpoint.load("made", Path())
    generates = isinstance(model, GenerativeModel)
    image_files = {checkpoint.SAMPLES, checkpoint.HISTORY_IMAGES} if generates else set()
    assert set(tree(Path("made"))) == {checkpoint.WEIGHTS, checkpoint.CARD, checkpoint.HISTORY} | image_files

    assert (card.name, card.model, card.config) == ("made", name, dataclasses.asdict(model.config))
    dataset = drawn_dataset(name)
    facts = data.find(dataset)
    assert card.dataset == {"name": dataset, **facts.to_json(), "split": "train", "images": len(images)}
    assert card.training.keys() == {"command", "seed", "steps", "seconds", "device", "processes", "torch",
                                    "steps_per_second", "precision"}
    assert (card.training["seed"], card.training["steps"], card.training["processes"]) == (3, STEPS, 1)
    assert card.training["seconds"] >= 0 and card.training["device"] and torch.__version__.startswith(
        card.training["torch"])

    history = json.loads(Path("made", checkpoint.HISTORY).read_text())
    assert history["steps"] == list(range(STEPS)) and history["losses"]
    curves = history["losses"].values()
    assert all(len(curve) == STEPS for curve in curves)
    assert all(any(curve[step] is not None for curve in curves) for step in range(STEPS))  # those of its phase
    assert all(math.isfinite(value) for curve in curves for value in curve if value is not None)
    if generates:
        last_phase = getattr(model.config, "autoencoder_steps", 0)  # of what is seen; what it begins with, too
        assert history["image_steps"] == sorted({1, last_phase + 1, STEPS})
        snapshots = np.asarray(Image.open(Path("made", checkpoint.HISTORY_IMAGES)))
        assert snapshots.shape == (len(history["image_steps"]) * facts.height, SNAPSHOT_IMAGES * facts.width)
        last = image_tools.to_uint8(model.generate(snapshot_latents(model))).astype(int)
        apart = np.abs(snapshots[-facts.height :].astype(int) - np.concatenate(list(last), 1))
        assert largest_change(apart, card.info["capabilities"]) <= 9  # sixteen gray levels
        sheet = np.asarray(Image.open(Path("made", checkpoint.SAMPLES))).astype(int)
        samples = image_tools.to_uint8(model.generate(model.latent.sample(0, range(loop.SAMPLES_SHOWN))))
        expected = image_tools.upscale(image_tools.make_grid(samples, 8), 2)
        assert np.abs(sheet - expected).max() <= 1


def test_the_card_has_the_steps_per_second(call, monkeypatch):
    """On a clock on which each step takes half a second, and the rest none."""
    step_on_a_clock(monkeypatch, "gan", 0.5)
    assert call(*short_run("gan"), "--out", "made")[0] == 0
    facts = checkpoint.read_card("made", Path()).training
    assert (facts["seconds"], facts["steps_per_second"]) == (STEPS / 2, 2)


@pytest.mark.parametrize(("bfloat16_is_faster", "chosen"), [(True, "bfloat16"), (False, "float32")])
def test_auto_precision_takes_the_faster_one_and_the_card_records_it(bfloat16_is_faster, chosen, call, monkeypatch):
    """The clock is faked: a step in the slower precision takes a second longer."""
    cls, late = registry.model_class("gan"), [0.0]
    original, clock = cls.train_step, time.process_time

    def train_step(self, batch, optimizers):
        late[0] += torch.is_autocast_enabled("cpu") != bfloat16_is_faster
        return original(self, batch, optimizers)

    monkeypatch.setattr(cls, "train_step", train_step)
    monkeypatch.setattr(precision.time, "process_time", lambda: clock() + late[0])
    assert call(*short_run("gan", precision="auto"), "--out", "made")[0] == 0
    card = checkpoint.read_card("made", Path())
    assert card.config["precision"] == "auto" and card.training["precision"] == chosen
    assert card.training["command"].endswith(f"--set precision={chosen}")


def test_a_resumed_run_keeps_its_precision(call, monkeypatch):
    """The choice is part of the saved state; there is no second trial."""
    monkeypatch.setattr(loop, "quicker_precision", lambda *arguments: "bfloat16")
    with monkeypatch.context() as patch:
        interrupt(patch, "gan", step=4)
        assert call(*short_run("gan", precision="auto"), "--out", "made")[0] == 130
    monkeypatch.setattr(loop, "quicker_precision", lambda *arguments: pytest.fail("tried again"))
    assert call(*short_run("gan", precision="auto"), "--out", "made", "--resume")[0] == 0
    assert checkpoint.read_card("made", Path()).training["precision"] == "bfloat16"


def test_the_precision_trial_changes_no_state(images):
    """Neither the weights nor the random state."""
    model = build("gan", **tiny_config("gan"))
    before, state = [p.clone() for p in model.parameters()], torch.get_rng_state()
    found = precision.quicker_precision(model, lambda step: Batch(*images.batch(torch.arange(20)), step),
                                        torch.device("cpu"))
    assert found in precision.TRIED and torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.mark.parametrize("field", ["vae.decoder_hidden", "cvae.decoder_hidden", "gan.warmup"])
def test_fields_where_0_means_none_accept_0(field, call):
    name, _, field = field.partition(".")
    assert call(*short_run(name, **{field: 0}), "--out", "made")[0] == 0
    assert checkpoint.load("made", Path())[1].config[field] == 0


def write_images(folder: Path) -> None:
    folder.mkdir()
    for i in range(12):
        Image.fromarray(np.full((30, 40), 20 * i, np.uint8)).save(folder / f"{i}.png")


def test_a_model_that_needs_labels_refuses_a_data_set_without(call, tmp_path):
    write_images(tmp_path / "mine")
    status, stderr, _ = call("cgan", "--dataset", "folder", "--data", "mine")
    assert status == 2 and stderr == "train.py: cgan learns from labels, and this data set has none\n"


def test_a_checkpoint_among_the_images_it_is_made_of_is_refused(call, tmp_path):
    write_images(tmp_path / "mine")
    for words in (["--data", "mine", "--out", "mine/made"], ["--data", ".", "--out", "made"]):
        status, stderr, _ = call("gan", "--dataset", "folder", *words, "--dry-run")
        assert status == 2 and "would be read as one of its classes" in stderr and stderr.count("\n") == 1, words


def test_long_histories_are_thinned(images):
    history, model = History(10_000, seed=0), build("gan", **tiny_config("gan"))
    for step in range(10_000):
        history.record(step, {"loss_d": torch.tensor(1.0)}, model if step in (0, 9_999) else torch.nn.Identity())
    assert CURVE_POINTS < len(history.losses) < CURVE_POINTS + SNAPSHOTS and {0, 1, 2, 3} < history.losses.keys()
    assert sorted(history.images) == [1, 10_000]
    assert 20 < len(history.snapshot_steps) <= SNAPSHOTS


def test_training_on_a_folder_of_images(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    for i in range(24):
        folder = tmp_path / "mine" / ("cats", "dogs")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((30, 40), 10 * i, np.uint8)).save(folder / f"{i}.png")
    (tmp_path / "mine" / "cats" / "notes.txt").write_text("no image")
    words = short_run("cgan")[3:]  # the settings alone
    assert train.main(["cgan", "--dataset", "folder", "--data", "mine", *words, "--out", "made"]) == 0
    stderr = capsys.readouterr().err
    assert "train.py: read 24 images of 2 classes from mine\n" in stderr
    assert "skipped 1 file that is not an image or" in stderr
    model, card = checkpoint.load("made", tmp_path)
    assert card.dataset["title"] == "mine" and card.dataset["classes"] == ["cats", "dogs"]
    assert card.dataset["framing"] == "photo" and model.latent.label.classes == 2


# ---- Parts of the loop


def test_learning_rate_warms_up_and_ends_along_a_cosine():
    config = dataclasses.replace(build("gan").config, steps=1_000, warmup=10, lr_final=0.1)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2.0)
    optimizer.param_groups[0]["initial_lr"] = 2.0

    def rate(step: int) -> float:
        loop._set_learning_rate({"only": optimizer}, config, step, 1_000)
        return optimizer.param_groups[0]["lr"]

    assert rate(0) == pytest.approx(0.2) and rate(4) == pytest.approx(1.0, rel=1e-3)
    assert rate(500) == pytest.approx(2 * (0.1 + 0.9 / 2)) and rate(1_000) == pytest.approx(0.2)


def test_learning_rate_and_average_begin_anew_in_each_phase(monkeypatch, call):
    """Of VQ-VAE-2, whose phases have their own weights; another model has one phase, the whole run."""
    rates, averages = [], []
    set_rate, update = loop._set_learning_rate, loop._update_ema
    monkeypatch.setattr(loop, "_set_learning_rate", lambda o, c, *place: (rates.append(place), set_rate(o, c, *place)))
    monkeypatch.setattr(loop, "_update_ema", lambda *args: (averages.append(args[-1]), update(*args)))
    assert call(*short_run("vqvae2", autoencoder_steps=3), "--out", "two")[0] == 0
    phases = [*((step, 3) for step in range(3)), *((step, STEPS - 3) for step in range(STEPS - 3))]
    assert rates == phases and averages == [step for step, _ in phases]
    assert build("gan").phase(3) == (0, build("gan").config.steps)


@pytest.mark.parametrize(("step", "half_life"), [(10**6, 50), (100, 10)], ids=["late", "early"])
def test_ema_weights_decay_by_half_in_a_half_life(step, half_life):
    """Early in a run the half-life is a tenth of the steps so far, if that is shorter than the configured 50."""
    average, model = torch.nn.BatchNorm1d(1), torch.nn.BatchNorm1d(1)
    average.weight.data.fill_(1.0)
    model.weight.data.fill_(0.0)
    model.running_mean.fill_(7.0)
    for _ in range(half_life):
        loop._update_ema(average, model, 50, step)
    assert average.weight.item() == pytest.approx(0.5, rel=1e-4) and average.running_mean.item() == 7


def test_gradients_are_averaged_over_the_processes(monkeypatch):
    """The other process's gradients are three times as large."""
    parameters = [torch.nn.Parameter(torch.zeros(shape)) for shape in ((2, 3), (4,), (1,))]
    for parameter in parameters[:2]:
        parameter.grad = torch.randn_like(parameter)
    before = [p.grad.clone() for p in parameters[:2]]
    monkeypatch.setattr(distributed.dist, "all_reduce", lambda flat: flat.mul_(4))
    monkeypatch.setattr(distributed.dist, "get_world_size", lambda: 2)
    distributed.all_reduce_gradients(torch.optim.SGD(parameters), (), {})
    for parameter, old in zip(parameters, before, strict=False):
        torch.testing.assert_close(parameter.grad, 2 * old)
    assert parameters[2].grad is None


def test_every_step_and_process_has_its_own_seed():
    seeds = {loop._step_seed(seed, step, rank) for seed in range(5) for step in range(50) for rank in range(4)}
    assert len(seeds) == 5 * 50 * 4 and all(0 <= seed < 2**63 for seed in seeds)


def test_a_batch_that_processes_cannot_share_equally_is_refused(images, tmp_path):
    config = build("gan", batch_size=20).config
    with pytest.raises(training.TrainingError, match="batch_size 20 .* 3 processes"):
        loop._fit(training.TrainingRun("gan", config, "synthetic", data.find("synthetic"), images, tmp_path, ""), 0, 3)


# ---- The command line

BAD = {
    "unknown field": ["gan", "--set", "hiden=3"],
    "wrong type": ["gan", "--set", "lr=fast"],
    "no value": ["gan", "--set", "lr"],
    "out of range": ["vae", "--set", "latent_dim=-1"],
    "too few channels": ["vae", "--set", "decoder_channels=2"],
    "no penalty": ["dcgan", "--set", "d_reg_interval=0"],
    "not a number": ["gan", "--set", "lr=NaN"],
    "precision": ["gan", "--set", "precision=float16"],
    "loss": ["gan", "--set", "loss=hinge"],
    "no steps": ["gan", "--steps", "0"],
    "steps below zero": ["gan", "--steps", "-5"],
    "steps not a number": ["gan", "--steps", "many"],
    "seed below zero": ["gan", "--seed", "-1"],
    "seed too large": ["gan", "--seed", 2**32],
    "no such model": ["nosuch"],
    "no model": [],
    "model and all": ["gan", "--all"],
    "all into one folder": ["--all", "--out", "x"],
    "all with a field": ["--all", "--set", "lr=1"],
    "no such data set": ["gan", "--dataset", "nosuch"],
    "no such data folder": ["gan", "--data", "nowhere"],
    "no such device": ["gan", "--device", "tpu"],
    "a file in the way": ["gan", "--out", "file"],
    "a file further up": ["gan", "--out", "file/below/it"],
    "nothing to resume": ["gan", "--resume"],
    "unknown flag": ["gan", "--fast"],
    "size of the data set": ["gan", "--set", "width=30"],
    "own images without a folder": ["gan", "--dataset", "folder"],
    "resume and force": ["gan", "--resume", "--force"],
    "infinite": ["gan", "--set", "lr=1e999"],
    "huge": ["gan", "--set", "hidden=99999999999999999999"],
    "no memory": ["gan", "--set", "hidden=1000000000000"],
}


@pytest.mark.parametrize("words", BAD.values(), ids=[key.replace(" ", "-") for key in BAD])
def test_bad_input_is_one_clear_line(words, call, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, stderr, out = call(*words)
    lines = [line for line in re.split(r"[\r\n]+", stderr) if line and not line.startswith(("gan:", "file:"))]
    assert status == 2 and out == "" and len(lines) == 1 and lines[0].startswith("train.py: "), stderr
    assert (tmp_path / "file").read_text() == "in the way"
    assert not list(tmp_path.rglob(checkpoint.CARD))


@pytest.mark.parametrize(("field", "has"), [("classes", 10), ("channels", 1), ("height", 28), ("width", 28)])
def test_a_field_that_the_data_set_decides_is_refused_with_what_to_do(field, has, call):
    status, stderr, _ = call("cgan", "--dataset", "synthetic", "--set", f"{field}=26", "--dry-run")
    assert status == 2 and stderr.count("\n") == 1 and f"--set {field}=26: the data set decides that" in stderr
    assert f"synthetic has {field}={has};" in stderr and "--dataset folder --data DIR" in stderr
    assert call("cgan", "--dataset", "synthetic", "--set", f"{field}={has}", "--dry-run")[0] == 0


def test_who_learns_from_own_images_already_is_not_told_to(call, tmp_path):
    write_images(tmp_path / "mine")
    status, stderr, _ = call("gan", "--dataset", "folder", "--data", "mine", "--set", "classes=2", "--dry-run")
    assert status == 2 and stderr == "train.py: --set classes=2: the data set decides that, and folder has classes=0\n"


def test_a_folder_of_images_is_not_taken_for_one_of_data_sets(call, tmp_path):
    (tmp_path / "my_digits" / "3").mkdir(parents=True)
    Image.new("L", (28, 28)).save(tmp_path / "my_digits" / "3" / "a.png")
    for flag in ([], ["--dry-run"]):
        status, stderr, _ = call("gan", "--data", "my_digits", *flag)
        assert status == 2 and "--dataset folder --data my_digits\n" in stderr and stderr.count("\n") == 1
    assert tree(tmp_path) == ["my_digits", "my_digits/3", "my_digits/3/a.png"]


def test_a_folder_of_data_is_not_ignored_in_silence(call, tmp_path):
    status, stderr, _ = call(*short_run("gan"), "--data", tmp_path, "--out", "made")
    assert status == 0 and "train.py: synthetic is drawn and not read, so --data is not used\n" in stderr


def test_the_command_on_the_card_gives_the_precision_once(call, monkeypatch):
    monkeypatch.setattr(loop, "quicker_precision", lambda *arguments: "bfloat16")
    assert call(*short_run("gan", precision="auto"), "--out", "made")[0] == 0
    command = checkpoint.read_card("made", Path()).training["command"]
    assert command.count("precision") == 1 and command.endswith("--set precision=bfloat16")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_device_cuda_without_a_gpu_is_refused(call):
    status, stderr, _ = call("gan", "--device", "cuda")
    assert status == 2 and "--device cuda" in stderr and stderr.count("\n") == 1


def test_missing_data_is_one_clear_line(call, monkeypatch, tmp_path):
    def fail(*arguments, **options):
        raise data.DataError("MNIST is not in data")

    monkeypatch.setattr(data.Dataset, "load", fail)
    assert call("gan")[:2] == (2, "train.py: MNIST is not in data\n")
    assert tree(tmp_path) == []


def test_a_nan_loss_ends_the_run(call, monkeypatch):
    broken = {"loss_d": torch.tensor(float("nan")), "loss_g": torch.tensor(0.0)}
    monkeypatch.setattr(registry.model_class("gan"), "train_step", lambda self, batch, optimizers: broken)
    status, stderr, _ = call(*short_run("gan"), "--out", "made")
    assert status == 2 and "no longer a number at step 0" in stderr and tree(Path("made")) == []


@pytest.mark.parametrize(("words", "count"), [
    (["vae", "--set", "latent_dim=2"], 1), (["--all", "--steps", "3"], len(registry.CHECKPOINTS)),
])
def test_dry_run_prints_the_settings_and_writes_nothing(words, count, call, tmp_path):
    status, stderr, out = call(*words, "--dry-run", "--seed", 9)
    shown = json.loads("[" + out.replace("\n}\n{", "\n},{") + "]")
    assert status == 0 and stderr == "" and len(shown) == count and tree(tmp_path) == []
    assert shown[0]["seed"] == 9 and shown[0]["dataset"] == "mnist" and shown[0]["config"]["classes"] == 10
    assert shown[0]["config"]["steps"] == 3 if "--all" in words else shown[0]["config"]["latent_dim"] == 2


@pytest.mark.parametrize(("text", "parsed"), [
    ("a=1", ("a", 1)), ("a=0.5", ("a", 0.5)), ("a=true", ("a", True)), ("a=False", ("a", False)),
    ("a=minimax", ("a", "minimax")), ("a=", ("a", "")), ("a=b=c", ("a", "b=c")),
])
def test_fields_are_parsed(text, parsed):
    assert command.parse_field(text) == parsed


def test_help_documents_every_flag(call):
    status, _, shown = call("--help")
    calls = [node for node in ast.walk(ast.parse((ROOT / "train.py").read_text()))
             if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument"]
    assert status == 0 and len(calls) > 8
    for node in calls:
        assert node.args[0].value in shown and any(k.arg == "help" and k.value.value for k in node.keywords)
    assert "0 done, 2 bad input, 130 interrupted, 143 terminated" in " ".join(shown.split())


@pytest.mark.parametrize(("words", "refusal"), [
    ("meshvae --dataset synthetic", "meshvae learns from meshes, and synthetic is a data set of images"),
    ("vae --dataset bodies", "vae learns from images, and bodies is a data set of meshes"),
    ("meshvae --set representation=colors", "representation is one of rotations, positions, not 'colors'"),
])
def test_what_a_model_cannot_learn_from_is_refused_in_a_line(words, refusal, call, tmp_path):
    status, stderr, _ = call(*words.split(), "--out", "made")
    assert status == 2 and stderr == f"train.py: {refusal}\n" and tree(tmp_path) == []
