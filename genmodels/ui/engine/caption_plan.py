"""What the page needs to write a model's captions: a recurrent network, which runs in plain JavaScript."""

from __future__ import annotations

from typing import Any

from genmodels.capabilities import WritesCaptions
from genmodels.captions import LANGUAGES, sentences
from genmodels.model import Model
from genmodels.nn.caption_writer import CaptionWriter
from genmodels.nn.layers import LRELU_SLOPE

Plan = dict[str, Any]


def caption_plan(model: Model) -> Plan | None:
    """The ``CaptionWriter`` of a model; None if it has none.

    The plan, as JSON:
    classes: of the one-hot vector that follows the latents in what a sentence is written from.
    words: of the tokens; "" ends a sentence. starts: the token that a sentence starts with, by language. length: of the
        longest one. slope: of the first layer's leaky rectifier.
    layers: the names of ``weight`` and ``bias`` of the linear layers ``read``, ``start`` and ``out``.
    embedding: the name of the words' vectors. gates: those of the GRU's ``weight_ih``, ``weight_hh``, ``bias_ih`` and
        ``bias_hh``, as in torch.
    """
    writer = getattr(model, "writer", None)
    if not isinstance(model, WritesCaptions) or not isinstance(writer, CaptionWriter):
        return None
    names = {parameter: name for name, parameter in model.named_parameters()}
    return {
        "classes": model.config.classes, "words": list(sentences.tokens()),
        "starts": {language: sentences.start_of(language) for language in LANGUAGES},
        "length": sentences.sentence_table().shape[-1] - 1, "slope": LRELU_SLOPE,
        "layers": {name: {"weight": names[layer.weight], "bias": names[layer.bias]}
                   for name, layer in (("read", writer.read), ("start", writer.start), ("out", writer.out))},
        "embedding": names[writer.words.weight],
        "gates": {name: names[parameter] for name, parameter in writer.cell.named_parameters()},
    }
