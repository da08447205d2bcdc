"""The tabs, one activity per file: ``build(store)`` lays a tab out and returns what fills it when it is first opened.

That is a tuple of function, inputs and outputs, or None where there is nothing to fill. Each tab runs alone:
``python -m genmodels.ui.tabs.sample``.
"""
