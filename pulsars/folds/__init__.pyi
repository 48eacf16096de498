from .face import Face as Face
