"""Components of our own: each is a Python class with its JavaScript and CSS beside it."""
