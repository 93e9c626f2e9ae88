"""Fix axis order and labels, in one place.

Arrays of people run (year, district, sex, age); arrays of need add the level last. Loops use the
index letters ``t d s a l``. Districts are data (``districts.csv`` of a city), everything else that the
model's structure rests on is named here.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SEXES: Final = ("male", "female")
N_SEX: Final = 2
N_AGE: Final = 101
"""Single ages 0..100; the last is open (100+)."""
OPEN_AGE: Final = 100
ELDER_AGE: Final = 60
"""60+ is the age of 老年人 in Chinese statistics and of entitlement to the insurance."""

BASES: Final = ("resident", "registered")
"""常住 (where people live) and 户籍 (where they are registered); never mixed in one district."""

LEVELS: Final = (2, 3, 4, 5, 6)
"""Levels of 老年照护统一需求评估 that give a claim to insured care; 0-1 do not."""
N_LEVEL: Final = len(LEVELS)

ARRANGEMENTS: Final = ("alone", "elders_only", "with_family")
"""独居 (alone), 纯老 without 独居 (with elders only), 与家人同住. Published 纯老 is the first two."""

ASSESSMENT, HOME_CARE = 0, 1
"""Resources that the model knows by place: 评估 and 居家照护, the first two rows of ``resources.csv``."""

CITY: Final = "全市"
"""How every table calls the whole of a city or of an own network."""
