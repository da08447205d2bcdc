"""What StackGAN's training makes of captions, and its two stages."""

from __future__ import annotations

import pytest
import torch
from conftest import build, tiny_config

from genmodels.captions import LANGUAGES, UNSAID, VOCABULARY, described, measure, parse, values_of
from genmodels.model import Batch, generate_stages
from genmodels.nn.random_captions import choose_said, choose_words, contradict

OMITTED = 0.1, 0.35, 0.35, 0.35


@pytest.fixture
def model():
    return build("stackgan", **tiny_config("stackgan"))


@pytest.fixture
def values():
    torch.manual_seed(0)
    return torch.stack([torch.randint(size, (4_000,)) for size in (10, 3, 3, 3)], 1)


def test_captions_leave_words_out_as_often_as_configured_but_never_all(values):
    values[::5, 1:] = UNSAID
    said = choose_said(values, OMITTED)
    assert ((said == values) | (said == UNSAID)).all() and (said != UNSAID).any(1).all()
    share = (said[values[:, 1] != UNSAID] == UNSAID).float().mean(0)
    torch.testing.assert_close(share, torch.tensor(OMITTED), atol=0.03, rtol=0)


def test_a_caption_that_does_not_fit_is_wrong_in_one_word_that_it_says(values):
    said = choose_said(values, OMITTED)
    wrong = contradict(said, 10)
    assert ((wrong != said).sum(1) == 1).all() and (said[wrong != said] != UNSAID).all()
    assert (wrong >= UNSAID).all() and (wrong < torch.tensor([10, 3, 3, 3])).all()


def test_words_mean_what_is_said_in_one_language_and_all_synonyms_occur(model, values):
    said = choose_said(values, OMITTED)
    words, seen = choose_words(said, model.table), set()
    for row, expected in zip(words.tolist(), said.tolist(), strict=True):
        found = [VOCABULARY[number - 1] for number in row if number]
        assert {word.property: word.value for word in found} == {k: v for k, v in enumerate(expected) if v != UNSAID}
        assert any(all(language in word.languages for word in found) for language in LANGUAGES)
        seen |= {word.text for word in found}
    assert seen == {word.text for word in VOCABULARY}


def test_preparing_measures_the_images_and_leaves_out_what_is_held_out(images):
    model = build("stackgan", **tiny_config("stackgan", held_out="3; thick"))
    prepared = model.prepare(images)
    limits = model.limits.numpy()
    values = values_of(measure(images.images.numpy()), images.labels.numpy(), limits, dead_band=False)
    kept = ~described(values, "3; thick")
    assert 0 < len(prepared) == kept.sum() < len(images)
    torch.testing.assert_close(prepared.images, images.images[torch.from_numpy(kept)])
    assert prepared.labels.shape == (kept.sum(), 4) and not (prepared.labels[:, 1] == 2).any()


def test_the_second_stage_is_trained_on_a_fixed_first_one(model, images):
    x, y = model.prepare(images).batch(torch.arange(20))
    optimizers, before = model.optimizers(), {k: v.clone() for k, v in model.state_dict().items()}

    def changed() -> set[str]:
        found = {key[:2] for key, value in model.state_dict().items() if not torch.equal(value, before[key])}
        before.update({k: v.clone() for k, v in model.state_dict().items()})
        return found

    assert [model.phase(step) for step in (0, 1)] == [(0, 1), (1, model.config.steps)]
    model.train_step(Batch(x, y, 0), optimizers)
    assert changed() == {"D1", "G1"}
    model.train_step(Batch(x, y, 1), optimizers)
    assert changed() == {"D2", "G2"}


def test_stages_follow_their_words_and_the_digit_alone_is_the_label(model):
    model.eval()
    z = model.latent.sample(0, range(3)).z
    words = torch.tensor([parse(text).words for text in ("thin seven", "grueso 2", "left")])
    first, last = generate_stages(model, z, words)
    assert first.shape == (3, 1, 14, 14) and last.shape == (3, 1, 28, 28)
    _, other = generate_stages(model, z, torch.tensor([parse("seven").words] * 3))
    assert not torch.equal(last[0], other[0])
    torch.testing.assert_close(other, model.decode(z, torch.full((3,), 7)), atol=1e-5, rtol=0)


def test_what_is_not_said_is_drawn_with_every_value_as_likely(model):
    """And the same draw with the word that it chose is the same image."""
    model.eval()
    z = model.latent.sample(0, range(3_000)).z
    open_words = model._chosen_words(model._split(z)[-1])
    for index, size in enumerate((10, 3, 3, 3)):
        values, counts = open_words[:, index].unique(return_counts=True)
        assert [VOCABULARY[number - 1].property for number in values] == [index] * size
        assert counts.min() > 0.8 * 3_000 / size
    edge = model._chosen_words(torch.tensor([[-1.0] * 4, [1.0] * 4]))
    assert [VOCABULARY[number - 1].value for number in edge.flatten()] == [0, 0, 0, 0, 9, 2, 2, 2]
    said = torch.tensor([parse("thin").words] * 3)
    filled = torch.where(said > 0, said, open_words[:3])
    torch.testing.assert_close(generate_stages(model, z[:3], said)[-1], generate_stages(model, z[:3], filled)[-1])


def test_the_text_encoder_takes_words_in_any_place(model):
    encode = model.G1.condition.text
    torch.testing.assert_close(encode(torch.tensor([[3, 20, 0, 0]])), encode(torch.tensor([[0, 0, 20, 3]])))


def test_more_classes_than_digits_are_refused():
    with pytest.raises(TypeError, match="10 digits"):
        build("stackgan", **tiny_config("stackgan", classes=11))
