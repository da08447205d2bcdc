"""The contract of genmodels.model, for every model in the registry: a new one is tested as soon as it is listed."""

from __future__ import annotations

import copy
import dataclasses
import functools
import hashlib
import json
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from conftest import (
    build,
    generative_models,
    models_with,
    mostly_slow,
    save_checkpoint,
    split_for,
    synthetic_split,
    tiny,
    tiny_config,
)
from torch import Tensor

from genmodels import checkpoint, registry
from genmodels.capabilities import CAPABILITIES, LimitsSamples, capabilities
from genmodels.config import config_from_dict
from genmodels.data import ImageSplit
from genmodels.data.bodies import MeshSplit
from genmodels.latents import Latents
from genmodels.model import BATCH_SIZE, Batch, GenerativeModel, Model, map_in_batches
from genmodels.nn.adversarial import GANConfig
from genmodels.nn.losses import GAN_LOSSES

GENERATIVE = generative_models()
GANS = [n for n in registry.MODELS if issubclass(registry.model_class(n).Config, GANConfig)]
CATEGORICAL = [n for n in GENERATIVE if tiny(n).latent.categorical]
LABELED = [n for n in CATEGORICAL if tiny(n).latent.label]
ELBO = models_with("elbo")
DICE = models_with("log_prob")  # each pixel is black or white by chance, which is their latent
LEARN_BY_GRADIENT = [n for n in registry.MODELS if any(p.requires_grad for p in tiny(n).parameters())]

every_model = pytest.mark.parametrize("name", registry.MODELS)
every_generative = pytest.mark.parametrize("name", GENERATIVE)


def with_capability(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", models_with(*names))


def trained(name: str, images: ImageSplit | MeshSplit, steps: int = 2,
            **fields: object) -> tuple[Model, list[dict[str, Tensor]]]:
    """A tiny model after a few training steps, and the losses of each."""
    model = build(name, **tiny_config(name, **fields)).train()
    optimizers = model.optimizers()
    torch.manual_seed(1)
    x, y = model.prepare(split_for(name, images)).batch(torch.arange(20))
    return model, [model.train_step(Batch(x, y, step), optimizers) for step in range(steps)]


@functools.cache
def trained_once(name: str, **fields: object) -> Model:
    """A tiny model after two training steps on the fixture ``images``, for all tests that only look at one."""
    return trained(name, synthetic_split(40), **fields)[0]


def weights(model: Model) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


# ---- Config


@every_model
def test_config_survives_a_json_round_trip(name):
    cls = registry.model_class(name).Config
    changed = replace(cls(), steps=7, lr=0.5, precision="bfloat16")
    assert config_from_dict(cls, json.loads(json.dumps(dataclasses.asdict(changed)))) == changed


@every_model
def test_config_is_frozen_and_every_field_has_a_default(name):
    config = registry.model_class(name).Config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.steps = 1


@every_model
def test_bad_config_values_are_refused_naming_the_field(name):
    for field, value in (("no_such_field", 1), ("steps", "many"), ("steps", 1.5), ("steps", True), ("lr", "fast"),
                         ("lr", True), ("lr", None), ("precision", 32), ("classes", [10])):
        with pytest.raises(ValueError, match=field):
            config_from_dict(registry.model_class(name).Config, {field: value})


@every_model
def test_config_accepts_an_int_for_a_float(name):
    lr = config_from_dict(registry.model_class(name).Config, {"lr": 1}).lr
    assert lr == 1.0 and isinstance(lr, float)


# ---- Info


@every_model
def test_info_is_filled(name):
    info = registry.model_class(name).info
    assert len(info.paper) > 2
    assert info.url.startswith("https://") and " " not in info.url
    assert 1900 < info.year <= 2026 and info.family


def test_unknown_model_is_refused_listing_the_known_ones():
    with pytest.raises(ValueError, match="nosuch.*dcgan"):
        registry.model_class("nosuch")


@every_model
def test_capabilities_are_those_whose_protocols_the_model_has(name):
    model = build(name, **tiny_config(name))
    found = capabilities(model)
    assert found and all(isinstance(model, CAPABILITIES[ability]) for ability in found)
    assert ("decode" in found) == isinstance(model, GenerativeModel)


# ---- Images from latents, at the default sizes


@pytest.fixture(scope="module")
def full():
    """Models of the default configuration, built once each; small ones where sampling is slow."""
    models = {}

    def get(name: str) -> GenerativeModel:
        if name not in models:
            small = build(name, **tiny_config(name))
            models[name] = (small if isinstance(small, LimitsSamples) else build(name)).eval()
        return models[name]

    return get


@every_generative
def test_sample_shape_and_range(name, full):
    for n in (1, BATCH_SIZE + 3):
        sampled = full(name).generate(full(name).latent.sample(0, range(n)))
        assert sampled.shape == (n, 1, 28, 28) and sampled.dtype == torch.float32
        assert sampled.min() >= -1 and sampled.max() <= 1
        assert sampled.std() > 0.01  # untrained, but no constant


@every_generative
def test_decode_and_generate_agree(name, full):
    model, sampled = full(name), full(name).latent.sample(3, range(5))
    torch.testing.assert_close(model.decode(sampled.z, sampled.y), model.generate(sampled), rtol=0, atol=1e-5)


@every_generative
def test_same_seed_gives_same_images(name, full):
    model = full(name)
    torch.manual_seed(8)
    first = model.generate(model.latent.sample(5, range(4)))
    torch.manual_seed(9)  # the global generator has no influence
    assert torch.equal(first, model.generate(model.latent.sample(5, range(4))))
    assert not torch.equal(first, model.generate(model.latent.sample(6, range(4))))


@every_generative
def test_fast_images_are_close_to_the_exact_ones(name, full):
    model, sampled = full(name), full(name).latent.sample(5, range(20))
    apart = (model.generate(sampled, fast=True) - model.generate(sampled)).abs()
    assert apart.shape == (20, 1, 28, 28) and apart.mean() < 0.02 and apart.max() < 0.3


@mostly_slow("name", GENERATIVE, [name for name in GENERATIVE if name not in ("flow", "pixelcnn")])
def test_an_image_depends_on_its_row_alone(name, full):
    """The same bytes alone, in a batch, at another position in it, and beside other rows."""
    model, sampled = full(name), full(name).latent.sample(1, range(40))
    batch = model.generate(sampled)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
    shuffled = model.generate(Latents(sampled.z[order], None if sampled.y is None else sampled.y[order]))
    assert torch.equal(shuffled, batch[order])
    for i in (0, 15, 39):
        assert torch.equal(model.generate(sampled[i : i + 1])[0], batch[i])
        assert torch.equal(model.generate(model.latent.sample(1, [i]))[0], batch[i])


@every_generative
def test_different_latents_give_different_images(name, full):
    batch = full(name).generate(full(name).latent.sample(1, range(20))).flatten(1)
    assert (torch.cdist(batch, batch) + torch.eye(20) > 1e-3).all()


@every_generative
def test_no_rows_are_refused(name, full):
    with pytest.raises(ValueError, match="no rows"):
        full(name).generate(full(name).latent.sample(0, []))


def test_map_in_batches_pads_the_last_batch_and_returns_every_row():
    sizes = []

    def double(x: Tensor, nothing: None) -> Tensor:
        sizes.append(len(x))
        return 2 * x

    x = torch.randn(11, 3)
    assert torch.equal(map_in_batches(double, x, None, batch_size=4), 2 * x) and sizes == [4, 4, 4]


@pytest.mark.parametrize("name", CATEGORICAL)
def test_every_category_gives_another_image(name, full):
    model = full(name)
    classes = model.latent.categorical.classes
    z = model.latent.sample(2, [0]).z.expand(classes, -1)
    sampled = model.generate(Latents(z, torch.arange(classes))).flatten(1)
    assert (torch.cdist(sampled, sampled) + torch.eye(classes) > 1e-3).all()


def test_models_need_labels_where_their_latent_has_one():
    for name in CATEGORICAL:
        assert registry.model_class(name).needs_labels == (name in LABELED)


# ---- Capabilities


@with_capability("encode", "decode")
def test_posterior_has_a_mean_and_samples_that_decode(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(10))
    posterior = model.encode(x, y)
    for z in (posterior.mean, posterior.sample()):
        assert z.shape == (10, model.latent.dim)
        decoded = model.decode(z, y)
        assert decoded.shape == x.shape and decoded.min() >= -1 and decoded.max() <= 1


@with_capability("reconstruct")
def test_reconstruction_is_an_image_of_the_same_size(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(10))
    x_hat = model.reconstruct(x, y)
    assert x_hat.shape == x.shape and x_hat.min() >= -1 and x_hat.max() <= 1
    if "encode" in capabilities(model):
        torch.testing.assert_close(x_hat, model.decode(model.encode(x, y).mean, y))


@with_capability("elbo")
def test_elbo_has_two_terms(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(10))
    posterior = model.encode(x, y)
    bound = model.elbo(x, posterior.sample(), posterior, y)
    assert bound.reconstruction_nll.shape == bound.kl.shape == bound.elbo.shape == (10,)
    assert (bound.kl >= 0).all() and bound.reconstruction_nll.isfinite().all()


@with_capability("log_prob")
def test_log_prob_is_of_each_image(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(10))
    x = torch.where(x >= 0, 1.0, -1.0)
    assert model.log_prob(x, y).shape == (10,) and (model.log_prob(x, y) < 0).all()
    torch.testing.assert_close(model.log_prob(x[3:4], y[3:4])[0], model.log_prob(x, y)[3])


@with_capability("generate_steps")
def test_the_last_step_is_what_is_generated(name):
    model = build(name, **tiny_config(name)).eval()
    latents = model.latent.sample(0, range(BATCH_SIZE + 3))
    *grown, last = model.generate_steps(latents)
    assert grown and torch.equal(last, model.generate(latents))


@with_capability("score")
def test_score_is_a_logit_per_image(name, images):
    model = build(name, **tiny_config(name)).eval()
    x, y = images.batch(torch.arange(10))
    assert model.score(x, y).shape == (10,)
    assert model.score(x, y).std() > 0
    torch.testing.assert_close(model.score(x[3:4], y[3:4])[0], model.score(x, y)[3])


@with_capability("likeness")
def test_likeness_is_the_distance_of_features_at_each_place(name, images):
    model = build(name, **tiny_config(name)).eval()
    x = images.batch(torch.arange(6))[0]
    features, errors = model.likeness_features(x), model.feature_errors(x, x.roll(2, dims=3))
    assert features.ndim == 4 and errors.shape == (6, *features.shape[2:])
    other = model.likeness_features(x.roll(2, dims=3))
    torch.testing.assert_close(errors, (features - other).square().sum(1) / 2)
    assert not model.feature_errors(x, x).any() and (errors.sum((1, 2)) > 0).all()


@with_capability("infer_codes")
def test_every_code_of_the_latent_is_inferred(name, images):
    model = build(name, **tiny_config(name)).eval()
    codes = model.infer_codes(images.batch(torch.arange(10))[0])
    assert codes.logits.shape == (10, model.latent.categorical.classes)
    assert codes.continuous.shape == (10, sum(p.dim for p in model.latent.continuous if p.role == "code"))


@with_capability("mesh")
def test_a_mesh_is_of_one_topology_and_encodes_to_a_posterior(name, images):
    model, split = build(name, **tiny_config(name)).eval(), split_for(name, images)
    posterior = model.encode_mesh(split.batch(torch.arange(10))[0])
    assert posterior.mean.shape == posterior.sample().shape == (10, model.latent.dim)
    vertices = model.decode_mesh(posterior.mean)
    assert vertices.shape == (10, int(model.faces.max()) + 1, 3) == split.vertices[:10].shape
    torch.testing.assert_close(model.decode_mesh(posterior.mean[3:4])[0], vertices[3])


@with_capability("classify")
@pytest.mark.parametrize("classes", [10, 7])
def test_classify_has_a_logit_per_class(name, classes, images):
    model = build(name, **tiny_config(name, classes=classes)).eval()
    x = images.batch(torch.arange(6))[0]
    assert model.classify(x).shape == (6, classes)
    if "features" in capabilities(model):
        assert model.class_logits(model.features(x)).equal(model.classify(x))


@with_capability("pixel_weights")
def test_the_evidence_of_all_pixels_adds_up_to_the_logits(name, images):
    model = build(name, **tiny_config(name)).eval()
    torch.nn.init.normal_(model.pixel_weights().weight)
    torch.nn.init.normal_(model.pixel_weights().constant)
    x = images.batch(torch.arange(6))[0]
    weights = model.pixel_weights()
    total = weights.evidence(x).sum(2) + weights.constant
    torch.testing.assert_close(total, model.classify(x), atol=1e-3, rtol=1e-5)


@every_model
@pytest.mark.parametrize("channels", [1, 3])
def test_height_width_and_channels_come_from_the_configuration(name, channels):
    model = build(name, **tiny_config(name, height=32, width=20, channels=channels)).eval()
    if isinstance(model, GenerativeModel):
        generated = model.generate(model.latent.sample(0, range(3)))
        assert generated.shape == (3, channels, 32, 20)
        assert model.render(generated).shape == ((3, 32, 20) if channels == 1 else (3, 32, 20, 3))
    x, y = torch.zeros(4, channels, 32, 20), torch.arange(4)
    if "reconstruct" in capabilities(model):
        assert model.reconstruct(x, y).shape == x.shape
    if "classify" in capabilities(model):
        assert model.classify(x).shape == (4, 10)


# ---- Training


@every_model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_losses_are_finite_scalars_without_a_graph(name, precision, images):
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        model, losses = trained(name, images, steps=3)
    for step in losses:
        assert step and all(v.shape == () and v.isfinite() and not v.requires_grad for v in step.values()), step
    assert weights(model).isfinite().all()


@pytest.mark.parametrize(("name", "fields"), [
    *((name, {}) for name in LEARN_BY_GRADIENT), *((name, {"loss": "nonsaturating"}) for name in GANS),
])
def test_every_parameter_gets_a_gradient(name, fields, images):
    """Each gets a nonzero gradient within two steps. The one exception is the bias of D's last layer under the
    relativistic loss: it cancels in the difference of two logits."""
    model = build(name, **tiny_config(name, **fields)).train()
    seen = dict.fromkeys(dict(model.named_parameters()), 0.0)

    def watch(key: str):
        def hook(parameter: Tensor) -> None:
            seen[key] = max(seen[key], parameter.grad.abs().max().item())
        return hook

    for key, parameter in model.named_parameters():
        parameter.register_post_accumulate_grad_hook(watch(key))
    optimizers = model.optimizers()
    x, y = model.prepare(split_for(name, images)).batch(torch.arange(20))
    for step in range(2):
        model.train_step(Batch(x, y, step), optimizers)
    idle = {key for key, size in seen.items() if size == 0}
    if getattr(model.config, "loss", "") == "relativistic":
        assert idle and {key.partition(".")[2] for key in idle} <= {"out.bias", "head.bias"}
    else:
        assert not idle
    stepped = [p for optimizer in optimizers.values() for group in optimizer.param_groups for p in group["params"]]
    assert {id(p) for p in stepped} == {id(p) for p in model.parameters()} and len(stepped) == len(seen)


@pytest.mark.parametrize("name", LEARN_BY_GRADIENT)
def test_training_changes_every_parameter_and_leaves_it_trainable(name):
    fields = {"loss": "nonsaturating"} if name in GANS else {}
    before = build(name, **tiny_config(name, **fields)).state_dict()
    model = trained_once(name, **fields)
    still = [key for key, value in model.named_parameters() if torch.equal(value, before[key])]
    assert not still and all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("name", sorted(set(registry.MODELS) - set(LEARN_BY_GRADIENT)))
def test_a_closed_form_model_learns_without_gradients(name):
    before = weights(build(name, **tiny_config(name)))
    model = trained_once(name)
    assert not torch.equal(weights(model), before) and not any(p.requires_grad for p in model.parameters())


@every_model
def test_same_seed_gives_same_training(name, images):
    assert torch.equal(weights(trained_once(name)), weights(trained(name, images)[0]))


@every_model
def test_training_depends_on_the_data(name, images):
    given = split_for(name, images)
    other = ImageSplit(255 - images.images, images.labels) if given is images else given[torch.arange(39, -1, -1)]
    assert not torch.equal(weights(trained_once(name)), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", [n for n in registry.MODELS if registry.model_class(n).needs_labels])
def test_training_of_conditional_models_depends_on_the_labels(name, images):
    other = ImageSplit(images.images, (images.labels + 3) % 10)
    assert not torch.equal(weights(trained_once(name)), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", [n for n in registry.MODELS if not registry.model_class(n).needs_labels])
def test_training_of_unconditional_models_ignores_labels(name, images):
    other = ImageSplit(images.images, (images.labels + 3) % 10)
    assert torch.equal(weights(trained_once(name)), weights(trained(name, other)[0]))


@pytest.mark.parametrize("name", GANS)
def test_every_adversarial_loss_trains_and_differs(name, images):
    results = {loss_type: trained(name, images, loss=loss_type) for loss_type in GAN_LOSSES}
    assert all(v.isfinite() for _, losses in results.values() for step in losses for v in step.values())
    # Adam's first steps are signs: minimax and nonsaturating differ in size, so look at the losses they report.
    reported = {loss_type: next(step["loss_g"].item() for step in losses if "loss_g" in step)
                for loss_type, (_, losses) in results.items()}
    assert len(set(reported.values())) == len(GAN_LOSSES), reported


@pytest.mark.parametrize("name", GANS)
def test_unknown_adversarial_loss_is_refused(name, images):
    with pytest.raises(ValueError, match="hinge"):
        trained(name, images, loss="hinge")


@pytest.mark.parametrize("name", GANS)
def test_gradient_penalties_are_optional_and_lazy(name, images):
    without, losses = trained(name, images, steps=5, r1=0.0, r2=0.0, d_reg_interval=4)
    assert not any("r1" in step for step in losses)
    for r1, r2 in ((1.0, 0.0), (0.0, 1.0)):
        model, losses = trained(name, images, steps=5, r1=r1, r2=r2, d_reg_interval=4)
        adversarial = ["loss_g" in step for step in losses]
        assert [("r1" in step) for step in losses] == [adversarial[0], False, False, False, True]
        assert not torch.equal(weights(model), weights(without))


def with_field(field: str) -> list[str]:
    """The models with an evidence lower bound whose configuration has the field."""
    return [name for name in ELBO if hasattr(registry.model_class(name).Config, field)]


@pytest.mark.parametrize(("name", "option"), [
    (name, option) for option in ({"beta": 4.0}, {"free_bits": 0.5}, {"binarize": False}, {"decoder_hidden": 0})
    for name in with_field(*option)
])
def test_vae_options_train_and_differ(name, option, images):
    model, losses = trained(name, images, **option)
    assert all(v.isfinite() for step in losses for v in step.values())
    assert not torch.equal(weights(model), weights(trained_once(name)))


@pytest.mark.parametrize("name", with_field("free_bits"))
def test_very_many_free_bits_equal_no_kl_term(name, images):
    free, none = trained(name, images, free_bits=1e6)[0], trained(name, images, beta=0.0)[0]
    assert torch.equal(weights(free), weights(none))


def test_importance_weighted_bound_against_its_definition(images):
    """Equation 8 of Burda et al. 2016, written out."""
    model = build("vae", **tiny_config("vae", importance_samples=3, beta=1.0, binarize=False))
    x, y = images.batch(torch.arange(10))
    torch.manual_seed(4)
    posterior = model.encode(x)
    weights = []
    eps = torch.randn(3, *posterior.mean.shape)
    for noise in eps:
        z = posterior.mean + torch.exp(posterior.logvar / 2) * noise
        q = torch.distributions.Normal(posterior.mean, torch.exp(posterior.logvar / 2))
        prior = torch.distributions.Normal(torch.zeros_like(z), 1.0)
        weights.append(-model.elbo(x, z, posterior).reconstruction_nll + (prior.log_prob(z) - q.log_prob(z)).sum(1))
    expected = -(torch.stack(weights).logsumexp(0) - torch.tensor(3.0).log()).mean()
    torch.manual_seed(4)
    loss = model.train_step(Batch(x, y, 0), model.optimizers())["loss"]
    torch.testing.assert_close(loss, expected.detach(), rtol=1e-4, atol=1e-3)


def test_cvae_aux_loss_is_optional_and_changes_training(images):
    model, losses = trained("cvae", images, aux_weight=5.0)
    assert "loss_aux" in losses[0] and "loss_aux" not in trained("cvae", images, aux_weight=0.0)[1][0]
    assert not torch.equal(weights(model), weights(trained("cvae", images, aux_weight=0.1)[0]))


@pytest.mark.parametrize("name", ELBO)
def test_vae_fits_a_few_images(name, images):
    _, losses = trained(name, images, steps=60, lr=5e-3)
    total = [float(step["reconstruction_nll"] + step["kl"]) for step in losses]
    assert total[-1] < 0.6 * total[0]


def test_cnn_fits_a_few_images(images):
    _, losses = trained("cnn", images, steps=60, lr=1e-2, base_channels=8, dropout=0.0)
    assert sum(float(step["accuracy"]) for step in losses[-10:]) / 10 > 0.8  # chance is 0.1


# ---- Files


def in_half_precision(model: Model) -> Model:
    """A copy of what a checkpoint stores of ``model``, its weights rounded to float16 and float32 again."""
    model = copy.deepcopy(model).for_inference()
    rounded = {key: value.half().to(value.dtype) if value.is_floating_point() else value
               for key, value in model.state_dict().items()}
    model.load_state_dict(rounded)
    return model


@every_model
def test_a_saved_model_loads_as_it_was_but_for_half_precision(name, tmp_path):
    model = build(name, **tiny_config(name)).eval()
    saved = save_checkpoint(model, name, tmp_path / "mine")
    again, read = checkpoint.load("mine", tmp_path)
    rounded = in_half_precision(model)
    assert read == saved and read.parameters == weights(rounded).numel() and again.config == model.config
    assert not again.training and not any(p.requires_grad for p in again.parameters())
    pairs = list(zip(again.state_dict().values(), rounded.state_dict().values(), strict=True))
    assert pairs and all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)
    if isinstance(model, GenerativeModel):
        sampled = rounded.latent.sample(4, range(20))
        assert rounded.generate(sampled).numpy().tobytes() == again.generate(sampled).numpy().tobytes()


@every_model
def test_a_loaded_model_saves_to_the_same_bytes(name, tmp_path):
    """There is no second rounding."""
    save_checkpoint(build(name, **tiny_config(name)), name, tmp_path / "first")
    save_checkpoint(checkpoint.load("first", tmp_path)[0], name, tmp_path / "second")
    first, second = ((tmp_path / folder / checkpoint.WEIGHTS).read_bytes() for folder in ("first", "second"))
    assert first == second


@every_model
def test_weights_are_stored_in_half_precision(name, tmp_path):
    model = build(name, **tiny_config(name))
    save_checkpoint(model, name, tmp_path / "mine")
    stored = safetensors.torch.load_file(tmp_path / "mine" / checkpoint.WEIGHTS)
    expected = {key: torch.float16 if value.is_floating_point() else value.dtype
                for key, value in model.for_inference().state_dict().items()}
    assert {key: value.dtype for key, value in stored.items()} == expected


@pytest.mark.parametrize("name", [name for name in GENERATIVE if name not in DICE])
def test_half_precision_costs_two_gray_levels_at_most(name, images, tmp_path):
    """Of 255, in generated images and in reconstructions, after training for a few steps.

    Of meshes it is vertices that are compared: a pixel at the edge of a drawing is of the body or it is not.
    """
    model = copy.deepcopy(trained_once(name)).eval()
    save_checkpoint(model, name, tmp_path / "mine")
    again, _ = checkpoint.load("mine", tmp_path)
    sampled = model.latent.sample(4, range(40))
    with torch.no_grad():
        pairs = [(model.generate(sampled), again.generate(sampled))]
        if "mesh" in capabilities(model):
            pairs = [(model.decode_mesh(sampled.z), again.decode_mesh(sampled.z))]
        if "reconstruct" in capabilities(model):
            x, y = images.batch(torch.arange(40))
            pairs.append((model.reconstruct(x, y), again.reconstruct(x, y)))
    for exact, stored in pairs:
        assert (exact - stored).abs().max() * 255 / 2 <= 2  # images are in [-1, 1]


@pytest.mark.parametrize("name", DICE)
def test_half_precision_changes_log_likelihoods_little(name, images, tmp_path):
    """Where dice decide each pixel, one that falls between two roundings of a probability changes the image."""
    model = copy.deepcopy(trained_once(name)).eval()
    save_checkpoint(model, name, tmp_path / "mine")
    again, _ = checkpoint.load("mine", tmp_path)
    x = torch.where(images.batch(torch.arange(40))[0] >= 0, 1.0, -1.0)
    with torch.no_grad():
        torch.testing.assert_close(again.log_prob(x), model.log_prob(x), rtol=1e-3, atol=0.05)


@with_capability("classify")
def test_half_precision_changes_no_class(name, images, tmp_path):
    model = copy.deepcopy(trained_once(name)).eval()
    save_checkpoint(model, name, tmp_path / "mine")
    again, _ = checkpoint.load("mine", tmp_path)
    x = images.batch(torch.arange(40))[0]
    with torch.no_grad():
        exact, stored = model.classify(x).log_softmax(1), again.classify(x).log_softmax(1)
    assert torch.equal(exact.argmax(1), stored.argmax(1))
    torch.testing.assert_close(stored, exact, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("value", [65_520.0, -1e30, float("inf"), float("nan")])
def test_weights_beyond_half_precision_are_refused_and_nothing_is_written(value, tmp_path):
    model = build("gan", **tiny_config("gan"))
    with torch.no_grad():
        model.G.hidden2.weight[3, 4] = value
    with pytest.raises(ValueError, match=r"^G\.hidden2\.weight cannot be stored in half precision: .* 65504$"):
        save_checkpoint(model, "gan", tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_float32_loads_unrounded(tmp_path):
    model = build("gan", **tiny_config("gan"))
    card = save_checkpoint(model, "gan", tmp_path / "mine")
    content = safetensors.torch.save(model.state_dict(), {"model": "gan"})
    (tmp_path / "mine" / checkpoint.WEIGHTS).write_bytes(content)
    checkpoint.save_card(replace(card, weights_sha256=hashlib.sha256(content).hexdigest()), tmp_path / "mine")
    assert torch.equal(weights(checkpoint.load("mine", tmp_path)[0]), weights(model))
