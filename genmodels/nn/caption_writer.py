"""A recurrent network that writes a sentence from a vector, word by word: the caption decoder of Pu et al. 2016.

The paper's is an LSTM; this is a GRU (Cho et al. 2014, arXiv:1406.1078).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genmodels.nn.layers import init_weights, lrelu


class CaptionWriter(nn.Module):
    """``inputs``: numbers in a vector; ``tokens``: how many there are; ``hidden``: the GRU's units."""

    def __init__(self, inputs: int, tokens: int, word_dim: int, hidden: int) -> None:
        super().__init__()
        self.read = nn.Linear(inputs, 2 * hidden)
        self.start = nn.Linear(2 * hidden, hidden)
        self.words = nn.Embedding(tokens, word_dim)
        self.cell = nn.GRUCell(word_dim, hidden)
        self.out = nn.Linear(hidden, tokens)
        init_weights(self)

    def forward(self, h: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
        """The state [N, hidden] and the last token int64 [N] -> the next state, and the next token's logits."""
        h = self.cell(self.words(token), h)
        return h, self.out(h)

    def begin(self, vectors: Tensor) -> Tensor:
        return torch.tanh(self.start(lrelu(self.read(vectors))))

    def loss(self, vectors: Tensor, sentences: Tensor) -> Tensor:
        """Cross-entropy in nats per token of sentences int64 [N, T], which begin with the token that starts them."""
        with torch.autocast(vectors.device.type, enabled=False):  # a few words: there is nothing to gain in bfloat16
            h, logits = self.begin(vectors.float()), []
            for token in sentences[:, :-1].unbind(1):
                h, found = self(h, token)
                logits.append(found)
        return F.cross_entropy(torch.stack(logits, 1).flatten(0, 1), sentences[:, 1:].flatten())

    def write(self, vectors: Tensor, start: int, length: int) -> Tensor:
        """The likeliest token after each one, from ``start`` on: int64 [N, length]."""
        h, token = self.begin(vectors), torch.full((len(vectors),), start, device=vectors.device)
        found = []
        for _ in range(length):
            h, logits = self(h, token)
            token = logits.argmax(1)
            found.append(token)
        return torch.stack(found, 1)
