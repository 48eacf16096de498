"""Whether new candidates look like those that a model learnt from."""
