"""The tabs, one activity a file: ``build(actions)`` makes a tab's inside and returns what to run when it is first seen.

Each runs alone: ``python -m genmodels.ui.tabs.sample``.
"""
