"""Endpoints of the Posterior tab: how far an encoder's guess is from the exact posterior, and what the ELBO prefers."""

from __future__ import annotations

import math

import numpy as np

from genmodels.images import from_uint8, from_unit
from genmodels.lazy_import import torch
from genmodels.ui.api.base import Endpoints, as_gradio_error
from genmodels.ui.api.latents import has_latent_grid
from genmodels.ui.api.reconstruct import ReconstructEndpoints
from genmodels.ui.api.validation import check_float
from genmodels.ui.text import Refusal

TRIANGLE = [[0.0, -0.27], [-0.57, -0.84], [0.57, -0.84], [0.0, 0.87]]  # with a middle, which comes first
MAX_CENTER, STD_RANGE = 10, (0.05, 5)
ROWS_PER_TURN = 250  # decodings between which other visitors' requests may have theirs


class PosteriorEndpoints(Endpoints):
    """Exact posteriors, for models of two latents that have an encoder and a bound."""

    PUBLIC = ("posterior", "four_gaussians")

    @as_gradio_error
    def posterior(self, image: str, model: str = "vae2d") -> dict:
        """Compare the encoder's Gaussian for an image with the exact posterior and with the best Gaussian.

        Args:
            image: an image file, as ``reconstruct`` takes it. One that has the model's size is taken as it is. Where
                the model's pixels are black or white, each is white from half gray upwards.
            model: a checkpoint of two latents with an encoder and a bound, such as vae2d.

        Returns:
            log_prob (of the image, nats), encoder and best (each with mean and std of the Gaussian, and its elbo in
            nats), approximation_gap and amortization_gap (nats).
        """
        from genmodels.capabilities import GaussianPosterior
        from genmodels.metrics.posterior_gap import image_posterior, log_joint

        loaded = self._require_generative(model)
        if not self.has_posterior(model):
            raise Refusal("no_posterior", name=model, names=self.store.option_names(self.has_posterior))
        framed = ReconstructEndpoints(self.store).frame(image, model, False).images[-1]  # several digits count as one
        x = from_uint8(framed[None])
        if loaded.model.pixel_likelihood == "bernoulli":
            x = from_unit((x >= 0).float())
        lock = self.store.inference_lock

        def joint(z: torch.Tensor) -> torch.Tensor:
            parts = []
            for rows in z.split(ROWS_PER_TURN):
                with lock:
                    parts.append(log_joint(loaded.model, x, rows))
            return torch.cat(parts)

        with torch.inference_mode():
            with lock:
                encoded = loaded.model.encode(x)
            encoder = GaussianPosterior(encoded.mu.double(), encoded.logvar.double())
            found = image_posterior(joint, encoder)
        return {"log_prob": round(found.log_prob, 3), "encoder": _gaussian(encoder, found.encoder_elbo),
                "best": _gaussian(found.best, found.best_elbo),
                "approximation_gap": round(found.log_prob - found.best_elbo, 3),
                "amortization_gap": round(found.best_elbo - found.encoder_elbo, 3)}

    def has_posterior(self, name: str) -> bool:
        """Whether a checkpoint's model has two latents, an encoder and a bound."""
        spec = self.store.spec(name)
        return bool(spec and has_latent_grid(spec)) and self.store.can(name, "encode") and self.store.can(name, "elbo")

    @as_gradio_error
    def four_gaussians(self, centers: list[list[float]] | None = None, std: float = 0.5) -> dict:
        """Fit four Gaussians by maximum likelihood, and by the ELBO with a posterior of two independent bits.

        Args:
            centers: four points, those of the Gaussians that are fitted; null is a triangle with a middle.
            std: their width, 0.05 to 5.

        Returns:
            likelihood and elbo, one model each: centers (of the bits 00, 01, 10, 11), std, log_likelihood, elbo and gap
            (nats per point).
        """
        from genmodels.evaluation import factorized

        std, given = check_float("std", std, *STD_RANGE), _parse_centers(TRIANGLE if centers is None else centers)
        by_likelihood, by_elbo = factorized.compare(given, std)
        return {name: {"centers": fit.centers.round(4).tolist(),
                       **{key: round(getattr(fit, key), 4) for key in ("std", "log_likelihood", "elbo", "gap")}}
                for name, fit in (("likelihood", by_likelihood), ("elbo", by_elbo))}


def _parse_centers(centers: object) -> np.ndarray:
    """Four points, float64 [4, 2]."""
    try:
        points = np.array(centers, float)
    except (TypeError, ValueError, OverflowError):
        points = np.empty(0)
    if points.shape != (4, 2) or not (np.abs(points) <= MAX_CENTER).all():
        raise Refusal("centers", max=MAX_CENTER)
    return points


def _gaussian(q, elbo: float) -> dict:
    return {"mean": [round(value, 4) for value in q.mu[0].tolist()],
            "std": [round(math.exp(value / 2), 4) for value in q.logvar[0].tolist()], "elbo": round(elbo, 3)}
