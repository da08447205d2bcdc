"""Tests of what everything else is built on: models, losses, latents, images, data, training."""
