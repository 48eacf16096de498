from .face import Face as Face
from .face_file import read_faces as read_faces
from .prepfold import Prepfold as Prepfold
from .writing import write_pfd as write_pfd
