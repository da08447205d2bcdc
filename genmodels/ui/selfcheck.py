"""``python app.py --selfcheck``: does every checkpoint load and draw?"""

from __future__ import annotations

import sys

from genmodels import checkpoint
from genmodels.checkpoint import CheckpointError
from genmodels.model import GenerativeModel


def selfcheck() -> int:
    """Load every checkpoint and draw one picture with each; 0 if all is well, else 1 with the broken ones named."""
    broken = 0
    for name in checkpoint.names():
        try:
            model, _ = checkpoint.load(name)
            if isinstance(model, GenerativeModel):
                picture = model.generate(model.latent.draw(0, [0]))
                if picture.amax() - picture.amin() < 0.5:
                    raise CheckpointError(f"the checkpoint {name!r} draws an empty picture; train it again")
        except CheckpointError as error:
            print(f"broken  {error}", file=sys.stderr)
            broken += 1
        else:
            print(f"sound   {name}")
    return 1 if broken else 0
