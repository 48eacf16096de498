from .by_hand import promote_by_hand as promote_by_hand
from .by_hand import roll_back_by_hand as roll_back_by_hand
from .by_hand import settle as settle
from .comparing import ENOUGH as ENOUGH
from .comparing import Duel as Duel
from .comparing import duel as duel
from .judging import decide as decide
