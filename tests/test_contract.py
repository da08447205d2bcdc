"""The contract of genmodels.model, for every model in the registry: a new one is tested once it is listed."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import pytest
import torch
from conftest import build, narrow, shelve
from torch import Tensor

from genmodels import checkpoint, registry
from genmodels.data import Pictures
from genmodels.latents import Latents
from genmodels.losses import ADVERSARIAL
from genmodels.model import (
    CHUNK,
    Batch,
    CanClassify,
    CanEncode,
    CanRecognise,
    CanScore,
    GenerativeModel,
    Model,
    config_from_dict,
)

GENERATIVE = [n for n in registry.MODELS if issubclass(registry.model_class(n), GenerativeModel)]
GANS = [n for n in GENERATIVE if hasattr(registry.model_class(n).Config, "loss")]
VAES = [n for n in GENERATIVE if hasattr(registry.model_class(n).Config, "beta")]
CATEGORICAL = [n for n in GENERATIVE if build(n, **narrow(n)).latent.categorical]
LABELLED = [n for n in CATEGORICAL if build(n, **narrow(n)).latent.categorical.is_label]
PROTOCOLS = {CanEncode, CanScore, CanRecognise, CanClassify}
CAPABILITIES = {
    "cnn": {CanClassify}, "gan": {CanScore}, "dcgan": {CanScore}, "cgan": {CanScore},
    "infogan": {CanScore, CanRecognise}, "vae": {CanEncode}, "cvae": {CanEncode},
}

every_model = pytest.mark.parametrize("name", registry.MODELS)
every_generative = pytest.mark.parametrize("name", GENERATIVE)


def with_capability(protocol: type) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [n for n in registry.MODELS if isinstance(build(n, **narrow(n)), protocol)])


def trained(name: str, pictures: Pictures, steps: int = 2, **fields: object) -> tuple[Model, list[dict[str, Tensor]]]:
    """A narrow model after a few training steps, and the losses of each."""
    model = build(name, **narrow(name, **fields)).train()
    optimizers = model.optimizers()
    torch.manual_seed(1)
    x, y = pictures.batch(torch.arange(20))
    return model, [model.train_step(Batch(x, y, step), optimizers) for step in range(steps)]


def weights(model: Model) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


# ---- Config


@every_model
def test_config_survives_json(name):
    cls = registry.model_class(name).Config
    changed = replace(cls(), steps=7, lr=0.5, precision="bfloat16")
    assert config_from_dict(cls, json.loads(json.dumps(dataclasses.asdict(changed)))) == changed


@every_model
def test_config_is_frozen_and_every_field_has_a_default(name):
    config = registry.model_class(name).Config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.steps = 1


@every_model
@pytest.mark.parametrize(("field", "value"), [
    ("no_such_field", 1), ("steps", "many"), ("steps", 1.5), ("steps", True), ("lr", "fast"), ("lr", True),
    ("lr", None), ("precision", 32), ("classes", [10]),
])
def test_config_refuses_by_the_fields_name(name, field, value):
    with pytest.raises(ValueError, match=field):
        config_from_dict(registry.model_class(name).Config, {field: value})


@every_model
def test_config_takes_a_whole_number_for_a_float(name):
    lr = config_from_dict(registry.model_class(name).Config, {"lr": 1}).lr
    assert lr == 1.0 and isinstance(lr, float)


# ---- Who it is


@every_model
def test_info_is_filled(name):
    info = registry.model_class(name).info
    assert all(len(getattr(info, field)) > 2 for field in ("title", "paper", "summary"))
    assert info.url.startswith("https://") and " " not in info.url
    assert 1980 < info.year <= 2026 and info.family in {"GAN", "VAE", "discriminative"}


def test_unknown_model_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="nosuch.*dcgan"):
        registry.model_class("nosuch")


@pytest.mark.parametrize("name", CAPABILITIES)
def test_capabilities(name):
    model = build(name, **narrow(name))
    assert {protocol for protocol in PROTOCOLS if isinstance(model, protocol)} == CAPABILITIES[name]


# ---- Pictures from latents, at the widths that are shipped


@pytest.fixture(scope="module")
def full():
    """Models of default width, built once each."""
    models = {}

    def get(name: str) -> GenerativeModel:
        if name not in models:
            models[name] = build(name).eval()
        return models[name]

    return get


@every_generative
@pytest.mark.parametrize("n", [1, CHUNK, CHUNK + 3])
def test_sample_shape_and_range(name, n, full):
    pictures = full(name).generate(full(name).latent.draw(0, range(n)))
    assert pictures.shape == (n, 1, 28, 28) and pictures.dtype == torch.float32
    assert pictures.min() >= -1 and pictures.max() <= 1
    assert pictures.std() > 0.01  # of an untrained network, but a picture, not a constant


@every_generative
def test_sample_and_generate_agree(name, full):
    model, drawn = full(name), full(name).latent.draw(3, range(5))
    torch.testing.assert_close(model.sample(drawn.z, drawn.c), model.generate(drawn), rtol=0, atol=1e-5)


@every_generative
def test_one_seed_one_picture(name, full):
    model = full(name)
    torch.manual_seed(8)
    first = model.generate(model.latent.draw(5, range(4)))
    torch.manual_seed(9)  # the global generator has no say
    assert torch.equal(first, model.generate(model.latent.draw(5, range(4))))
    assert not torch.equal(first, model.generate(model.latent.draw(6, range(4))))


@every_generative
def test_a_sketch_looks_like_the_picture(name, full):
    model, drawn = full(name), full(name).latent.draw(5, range(20))
    apart = (model.sketch(drawn) - model.generate(drawn)).abs()
    assert apart.shape == (20, 1, 28, 28) and apart.mean() < 0.02 and apart.max() < 0.3


@every_generative
def test_a_picture_depends_on_its_row_alone(name, full):
    """The same bytes alone, in a batch, at another place of it, and beside other rows."""
    model, drawn = full(name), full(name).latent.draw(1, range(40))
    batch = model.generate(drawn)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
    shuffled = model.generate(Latents(drawn.z[order], None if drawn.c is None else drawn.c[order]))
    assert torch.equal(shuffled, batch[order])
    for i in (0, 5, 15, 16, 39):
        assert torch.equal(model.generate(drawn[i : i + 1])[0], batch[i])
        assert torch.equal(model.generate(model.latent.draw(1, [i]))[0], batch[i])


@every_generative
def test_rows_matter(name, full):
    """The other side of independence: no two latents share a picture."""
    batch = full(name).generate(full(name).latent.draw(1, range(20))).flatten(1)
    assert (torch.cdist(batch, batch) + torch.eye(20) > 1e-3).all()


@every_generative
def test_no_rows_are_refused(name, full):
    with pytest.raises(ValueError, match="no rows"):
        full(name).generate(full(name).latent.draw(0, []))


@pytest.mark.parametrize("name", CATEGORICAL)
def test_every_label_draws_another_picture(name, full):
    model = full(name)
    classes = model.latent.categorical.classes
    z = model.latent.draw(2, [0]).z.expand(classes, -1)
    drawn = model.generate(Latents(z, torch.arange(classes))).flatten(1)
    assert (torch.cdist(drawn, drawn) + torch.eye(classes) > 1e-3).all()


def test_label_and_code_are_told_apart():
    assert {"cgan", "cvae"} <= set(LABELLED) and set(CATEGORICAL) - set(LABELLED) == {"infogan"}


# ---- Capabilities


@with_capability(CanEncode)
def test_encode_decode_and_bound(name, pictures):
    model = build(name, **narrow(name)).eval()
    x, y = pictures.batch(torch.arange(10))
    posterior = model.encode(x, y)
    assert posterior.mu.shape == posterior.logvar.shape == (10, model.latent.dim)
    pictures = model.decode(posterior.mu, y)
    assert pictures.shape == x.shape and pictures.min() >= -1 and pictures.max() <= 1
    bound = model.elbo(x, posterior.sample(), posterior, y)
    assert bound.reconstruction.shape == bound.kl.shape == bound.elbo.shape == (10,)
    assert (bound.kl >= 0).all() and (bound.reconstruction > 0).all()
    torch.testing.assert_close(model.decode(posterior.mu, y), model.sample(posterior.mu, y))


@with_capability(CanScore)
def test_score_is_a_logit_a_picture(name, pictures):
    model = build(name, **narrow(name)).eval()
    x, y = pictures.batch(torch.arange(10))
    assert model.score(x, y).shape == (10,)
    assert model.score(x, y).std() > 0
    torch.testing.assert_close(model.score(x[3:4], y[3:4])[0], model.score(x, y)[3])


@with_capability(CanRecognise)
def test_recognise_reads_every_code_of_the_latent(name, pictures):
    model = build(name, **narrow(name)).eval()
    codes = model.recognise(pictures.batch(torch.arange(10))[0])
    uniform = sum(p.dim for p in model.latent.continuous if type(p).__name__ == "Uniform")
    assert codes.logits.shape == (10, model.latent.categorical.classes)
    assert codes.continuous.shape == (10, uniform)


@with_capability(CanClassify)
@pytest.mark.parametrize("classes", [10, 7])
def test_classify_has_a_logit_a_class(name, classes, pictures):
    model = build(name, **narrow(name, classes=classes)).eval()
    x = pictures.batch(torch.arange(6))[0]
    assert model.classify(x).shape == (6, classes)
    assert model.class_logits(model.features(x)).equal(model.classify(x))


# ---- Training


@every_model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_losses_are_finite_scalars_without_a_graph(name, precision, pictures):
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        model, losses = trained(name, pictures, steps=3)
    for step in losses:
        assert step and all(v.shape == () and v.isfinite() and not v.requires_grad for v in step.values()), step
    assert weights(model).isfinite().all()


@pytest.mark.parametrize(("name", "fields"), [
    *((name, {}) for name in registry.MODELS), *((name, {"loss": "nonsaturating"}) for name in GANS),
])
def test_every_parameter_learns(name, fields, pictures):
    """Each gets a gradient other than zero within two steps; but the relativistic loss, of differences, has no use for
    the bias of D's last layer."""
    model = build(name, **narrow(name, **fields)).train()
    seen = dict.fromkeys(dict(model.named_parameters()), 0.0)

    def watch(key: str):
        def hook(parameter: Tensor) -> None:
            seen[key] = max(seen[key], parameter.grad.abs().max().item())
        return hook

    for key, parameter in model.named_parameters():
        parameter.register_post_accumulate_grad_hook(watch(key))
    optimizers = model.optimizers()
    x, y = pictures.batch(torch.arange(20))
    for step in range(2):
        model.train_step(Batch(x, y, step), optimizers)
    last = "D.out.bias" if name == "gan" else "D.head.bias"
    idle = {last} if getattr(model.config, "loss", "") == "relativistic" else set()
    assert {key for key, size in seen.items() if size == 0} == idle
    stepped = [p for optimizer in optimizers.values() for group in optimizer.param_groups for p in group["params"]]
    assert {id(p) for p in stepped} == {id(p) for p in model.parameters()} and len(stepped) == len(seen)


@every_model
def test_training_moves_every_tensor_and_leaves_it_trainable(name, pictures):
    fields = {"loss": "nonsaturating"} if name in GANS else {}
    before = build(name, **narrow(name, **fields)).state_dict()
    model, _ = trained(name, pictures, **fields)
    still = [key for key, value in model.named_parameters() if torch.equal(value, before[key])]
    assert not still and all(p.requires_grad for p in model.parameters())


@every_model
def test_same_seed_same_training(name, pictures):
    once, twice = trained(name, pictures)[0], trained(name, pictures)[0]
    assert torch.equal(weights(once), weights(twice))


@every_model
def test_a_step_learns_from_its_batch(name, pictures):
    """Other pictures, other weights."""
    other = Pictures(255 - pictures.images, pictures.labels)
    assert not torch.equal(weights(trained(name, pictures)[0]), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", [*LABELLED, "cnn"])
def test_conditional_models_learn_from_labels(name, pictures):
    other = Pictures(pictures.images, (pictures.labels + 3) % 10)
    assert not torch.equal(weights(trained(name, pictures)[0]), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", [n for n in GENERATIVE if n not in LABELLED])
def test_unconditional_models_never_see_a_label(name, pictures):
    other = Pictures(pictures.images, (pictures.labels + 3) % 10)
    assert torch.equal(weights(trained(name, pictures)[0]), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", GANS)
def test_every_adversarial_loss_trains_and_differs(name, pictures):
    results = {kind: trained(name, pictures, loss=kind) for kind in ADVERSARIAL}
    assert all(v.isfinite() for _, losses in results.values() for step in losses for v in step.values())
    # Adam's first steps are signs: minimax and nonsaturating differ in size, so look at the losses they report.
    reported = {kind: losses[0]["g"].item() for kind, (_, losses) in results.items()}
    assert len(set(reported.values())) == len(ADVERSARIAL), reported


@pytest.mark.parametrize("name", GANS)
def test_unknown_adversarial_loss_is_refused(name, pictures):
    with pytest.raises(ValueError, match="hinge"):
        trained(name, pictures, loss="hinge")


@pytest.mark.parametrize("name", [n for n in GANS if hasattr(registry.model_class(n).Config, "r1")])
@pytest.mark.parametrize(("r1", "r2"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
def test_gradient_penalties_are_optional_and_lazy(name, r1, r2, pictures):
    model, losses = trained(name, pictures, steps=5, r1=r1, r2=r2, penalty_every=4)
    assert [("r1" in step) for step in losses] == ([True, False, False, False, True] if r1 or r2 else [False] * 5)
    assert (r1 == r2 == 0) or not torch.equal(weights(model), weights(trained(name, pictures, 5, r1=0.0, r2=0.0)[0]))


@pytest.mark.parametrize("name", VAES)
@pytest.mark.parametrize("option", [{"beta": 4.0}, {"free_bits": 0.5}, {"binarize": False}, {"decoder_hidden": 0}])
def test_vae_options_train_and_differ(name, option, pictures):
    model, losses = trained(name, pictures, **option)
    assert all(v.isfinite() for step in losses for v in step.values())
    assert not torch.equal(weights(model), weights(trained(name, pictures)[0]))


@pytest.mark.parametrize("name", VAES)
def test_free_bits_beyond_reach_are_no_kl_at_all(name, pictures):
    free, none = trained(name, pictures, free_bits=1e6)[0], trained(name, pictures, beta=0.0)[0]
    assert torch.equal(weights(free), weights(none))


def test_importance_weighted_bound_against_its_definition(pictures):
    """Equation 8 of Burda et al. 2016, written out."""
    model = build("vae", **narrow("vae", importance=3, beta=1.0, binarize=False))
    x, y = pictures.batch(torch.arange(10))
    torch.manual_seed(4)
    posterior = model.encode(x)
    weights = []
    eps = torch.randn(3, *posterior.mu.shape)
    for draw in eps:
        z = posterior.mu + torch.exp(posterior.logvar / 2) * draw
        q = torch.distributions.Normal(posterior.mu, torch.exp(posterior.logvar / 2))
        prior = torch.distributions.Normal(torch.zeros_like(z), 1.0)
        weights.append(-model.elbo(x, z, posterior).reconstruction + (prior.log_prob(z) - q.log_prob(z)).sum(1))
    expected = -(torch.stack(weights).logsumexp(0) - torch.tensor(3.0).log()).mean()
    torch.manual_seed(4)
    loss = model.train_step(Batch(x, y, 0), model.optimizers())["loss"]
    torch.testing.assert_close(loss, expected.detach(), rtol=1e-4, atol=1e-3)


def test_a_conditional_vae_is_held_to_the_label_of_prior_draws(pictures):
    model, losses = trained("cvae", pictures, reading=5.0)
    assert "read" in losses[0] and "read" not in trained("cvae", pictures, reading=0.0)[1][0]
    assert not torch.equal(weights(model), weights(trained("cvae", pictures, reading=0.1)[0]))


def test_infogan_of_the_paper_needs_no_invariance(pictures):
    model, losses = trained("infogan", pictures, invariance=0.0)
    assert "shared" not in losses[0]
    assert not torch.equal(weights(model), weights(trained("infogan", pictures)[0]))


@pytest.mark.parametrize("name", VAES)
def test_vae_learns_a_handful_of_pictures(name, pictures):
    _, losses = trained(name, pictures, steps=60, lr=5e-3)
    total = [float(step["reconstruction"] + step["kl"]) for step in losses]
    assert total[-1] < 0.6 * total[0]


def test_cnn_learns_a_handful_of_pictures(pictures):
    _, losses = trained("cnn", pictures, steps=60, lr=1e-2, width=8, dropout=0.0)
    assert sum(float(step["accuracy"]) for step in losses[-10:]) / 10 > 0.8  # chance is 0.1


# ---- Files


@every_model
def test_saved_and_loaded_is_the_same_model(name, tmp_path):
    model = build(name, **narrow(name)).eval()
    saved = shelve(model, name, tmp_path / "mine")
    again, read = checkpoint.load("mine", tmp_path)
    model = model.for_use()
    assert read == saved and read.parameters == weights(model).numel() and again.config == model.config
    assert not again.training and not any(p.requires_grad for p in again.parameters())
    assert all(torch.equal(a, b) for a, b in zip(again.state_dict().values(), model.state_dict().values(), strict=True))
    if isinstance(model, GenerativeModel):
        drawn = model.latent.draw(4, range(20))
        assert model.generate(drawn).numpy().tobytes() == again.generate(drawn).numpy().tobytes()
