from .populations import simulate as simulate
