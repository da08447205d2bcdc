"""Generative models for small pictures: ``genmodels.load("cgan").sample(z, c)``."""
