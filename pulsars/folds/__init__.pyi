from .face import Face as Face
from .prepfold import Prepfold as Prepfold
from .writing import write_pfd as write_pfd
