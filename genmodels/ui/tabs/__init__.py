"""The activities, one per file: ``build(store)`` lays out the tab of one.

What a tab shows first is asked for by its choice of a model when that is first shown. Each tab runs alone:
``python -m genmodels.ui.tabs.sample``.
"""
