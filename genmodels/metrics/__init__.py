"""Metrics, one per file; ``registry`` has the name, unit, direction and definition of each."""
