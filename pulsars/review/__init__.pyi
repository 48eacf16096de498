from .labels import LABELS_NAME as LABELS_NAME
from .labels import Labels as Labels
from .labels import read_labels as read_labels
from .listing import as_table as as_table
from .listing import summarise as summarise
from .meaning import settled as settled
