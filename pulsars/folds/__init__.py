"""Folded candidates: from the files that telescopes wrote to curves and the eight statistics."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
