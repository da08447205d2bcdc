"""``python app.py --selfcheck``: check that every checkpoint loads and generates."""

from __future__ import annotations

import sys

from genmodels import checkpoint
from genmodels.checkpoint import CheckpointError
from genmodels.model import GenerativeModel


def selfcheck() -> int:
    """Load every checkpoint and generate one image with each; 0 if all succeed, else 1 with the broken ones named."""
    broken = 0
    for name in checkpoint.list_checkpoints():
        try:
            model, _ = checkpoint.load(name)
            if isinstance(model, GenerativeModel):
                image = model.generate(model.latent.sample(0, [0]))
                if image.amax() - image.amin() < 0.5:
                    raise CheckpointError(name, "empty")
        except CheckpointError as error:
            print(f"broken  {error}", file=sys.stderr)
            broken += 1
        else:
            print(f"ok      {name}")
    return 1 if broken else 0
