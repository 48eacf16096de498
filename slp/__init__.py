"""The learning machinery in NumPy and nothing else: perceptron, losses, training, measures.

`slp.perceptron` is the file to begin with. Arrays are `X` of shape (n_samples, n_features) and `y`
of shape (n_samples,) holding 1 for a pulsar and 0 for a non-pulsar. What is random takes a
`numpy.random.Generator`; what is refused raises ValueError with the value and the bound.
"""
