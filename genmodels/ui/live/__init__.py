"""Training in the page: networks of two-dimensional points, in Workers of their own. Loaded when it is first needed."""
