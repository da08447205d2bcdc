"""Decoding in the page: what a model computes, told as a list of layers, and the script that computes it there."""
