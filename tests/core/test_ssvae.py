"""What the semi-supervised VAE learns from few labels, and the captions that it writes."""

from __future__ import annotations

import pytest
import torch
import torch.distributions as td
import torch.nn.functional as F
from conftest import build, tiny_config

from genmodels.captions import LANGUAGES, UNSAID, parse, sentences
from genmodels.data import ImageSplit
from genmodels.model import Batch
from genmodels.models.ssvae import choose_labeled
from genmodels.nn.caption_writer import CaptionWriter


def step(images: ImageSplit, **fields: object) -> tuple:
    """A model after one step, and its losses."""
    model = build("ssvae", **tiny_config("ssvae", **{"labels": 10, "dropout": 0.0} | fields)).train()
    split = model.prepare(images)
    torch.manual_seed(2)
    return model, model.train_step(Batch(*split.batch(torch.arange(8)), step=0), model.optimizers())


def test_labeled_images_are_a_balanced_choice_that_the_draw_decides():
    labels = torch.randint(10, (2_000,), generator=torch.Generator().manual_seed(0))
    rows = choose_labeled(labels, 10, 103, 4)
    assert len(set(rows.tolist())) == 103
    assert labels[rows].bincount(minlength=10).tolist() == [11] * 3 + [10] * 7
    assert rows.equal(choose_labeled(labels, 10, 103, 4)) and not rows.equal(choose_labeled(labels, 10, 103, 5))


def test_labels_that_were_not_chosen_are_never_seen(images):
    model, losses = step(images)
    assert len(model.labeled) == 10 and model.prepare(images).labels is None
    chosen = choose_labeled(images.labels, 10, 10, 0)
    others = (images.labels + 3) % 10
    others[chosen] = images.labels[chosen]
    model.labeled = None
    again = build("ssvae", **tiny_config("ssvae", labels=10, dropout=0.0)).train()
    split = again.prepare(images)
    again.labeled = ImageSplit(images.images, others)[chosen]
    torch.manual_seed(2)
    same = again.train_step(Batch(*split.batch(torch.arange(8)), step=0), again.optimizers())
    assert {key: value.item() for key, value in losses.items()} == {key: value.item() for key, value in same.items()}


def test_the_bound_of_an_unlabeled_image_is_equation_7(images):
    """A sum over all labels, each with its own posterior; pixels and samples are those of the step."""
    _, losses = step(images)
    model = build("ssvae", **tiny_config("ssvae", labels=10, dropout=0.0))
    split = model.prepare(images)
    x = split.batch(torch.arange(8))[0]
    torch.manual_seed(2)
    x_l, y_l = model.labeled.batch(torch.randint(10, (4,)))
    white = torch.bernoulli((torch.cat([x, x_l]) + 1) / 2)
    noise = torch.randn(84, model.latent.dim)
    belief = td.Categorical(logits=model.classify(x))
    nll, kl = torch.zeros(8), torch.zeros(8)
    for y in range(10):
        given = torch.full((8,), y)
        posterior = model.encode(2 * white[:8] - 1, given)
        q = td.Normal(posterior.mu, (posterior.logvar / 2).exp())
        mean = (model.decode(q.mean + q.stddev * noise[y:80:10], given) + 1) / 2
        log_p = td.Bernoulli(mean, validate_args=False).log_prob(white[:8]).sum((1, 2, 3))
        nll -= belief.probs[:, y] * log_p
        kl += belief.probs[:, y] * td.kl_divergence(q, td.Normal(0.0, 1.0)).sum(1)
    expected = {"reconstruction_nll": nll.mean(), "kl": kl.mean(), "entropy": belief.entropy().mean(),
                "loss_class": F.cross_entropy(model.classify(x_l), y_l)}
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value.detach(), rtol=1e-3, atol=1e-3)


def test_beliefs_learn_from_unlabeled_images_after_the_warmup(images):
    """Before it a step changes q(y | x) by labels alone."""
    def moved(**fields: object) -> torch.Tensor:
        model, _ = step(images, **fields)
        return torch.cat([p.flatten() for p in model.classifier.parameters()])

    alone = moved(class_warmup=1, latent_dim=4)
    assert alone.equal(moved(class_warmup=1, onehot_scale=1.0)) and not alone.equal(moved(class_warmup=0))


def test_agreement_is_optional_and_changes_training(images):
    plain, losses = step(images)
    agreed, with_it = step(images, agreement=1.0)
    assert "disagreement" not in losses and with_it["disagreement"] > 0
    assert not torch.equal(plain.classifier.head.weight, agreed.classifier.head.weight)
    assert torch.equal(plain.decoder.out.weight, agreed.decoder.out.weight)


# ---- Captions


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_its_values_and_no_width(language):
    table = sentences.sentence_table()[LANGUAGES.index(language)]
    for digit, thickness, slant in ((0, 0, 0), (8, 1, 2), (7, 2, 1)):
        text = sentences.join(table[digit, thickness, slant])
        parsed = parse(text)
        assert parsed.values == (digit, thickness, slant, UNSAID) and not parsed.unknown and not parsed.overruled


def test_a_writer_learns_to_say_what_its_vector_holds():
    torch.manual_seed(0)
    wanted = torch.from_numpy(sentences.sentence_table()).flatten(0, -2)[::20]
    vectors = torch.eye(len(wanted))
    writer = CaptionWriter(len(wanted), len(sentences.tokens()), 8, 24)
    optimizer = torch.optim.Adam(writer.parameters(), 2e-2)
    for _ in range(80):
        optimizer.zero_grad()
        writer.loss(vectors, wanted).backward()
        optimizer.step()
    for k, row in enumerate(wanted):
        written = writer.write(vectors[k : k + 1], int(row[0]), len(row) - 1)
        assert sentences.join(written[0].numpy()) == sentences.join(row.numpy())


def test_captions_of_a_model_depend_on_their_image_alone(images):
    model = build("ssvae", **tiny_config("ssvae")).eval()
    x = images.batch(torch.arange(6))[0]
    for language in LANGUAGES:
        together = model.caption(x, language)
        assert len(together) == 6 and together[2:3] == model.caption(x[2:3], language)
