"""From a file of any dialect to accepted rows, rows set aside, and a quality report."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
