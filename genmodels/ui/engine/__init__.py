"""Decoding in the page: plan.py traces a model to a list of layers, engine.js runs them."""
