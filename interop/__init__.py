"""Faces for other libraries: each module imports `slp`, a run, and the library it is a face for."""
