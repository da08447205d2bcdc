"""Evaluation of models: the protocol, the measures, the controls, and the report of the results."""
