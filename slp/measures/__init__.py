"""How good a model is, how surely, what that is worth, and which of two is better."""
