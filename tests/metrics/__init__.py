"""Tests of the metrics and of the evaluation by them."""
