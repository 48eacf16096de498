"""Faces for other libraries: each module imports `slp` and the library that it is a face for."""
