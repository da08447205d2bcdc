"""Tests of the interface's Python side."""
