"""The interface: ``page.build_demo()`` is the whole page."""
