from .folds import simulate_folds as simulate_folds
from .populations import simulate as simulate
