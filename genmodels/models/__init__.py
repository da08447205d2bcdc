"""The models, one paper a file. None imports another: the difference between two siblings is the lesson."""
