"""A Prefect server, private or kept, and the flows on a schedule on it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
