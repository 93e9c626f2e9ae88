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

RESOURCES: Final = (
    "assessment",
    "home_care",
    "day_care",
    "family_bed",
    "general_bed",
    "nursing_bed",
    "dementia_bed",
)
"""What a person can wait for: 评估, 居家, 日间, 家庭照护床位, 养老床位, 护理型床位, 认知障碍照护床位."""
ASSESSMENT, HOME_CARE, DAY_CARE, FAMILY_BED, GENERAL_BED, NURSING_BED, DEMENTIA_BED = range(7)
N_RESOURCE: Final = len(RESOURCES)
BEDS: Final = ("general_bed", "nursing_bed", "dementia_bed")
"""The three kinds of institutional bed; they add to ``bed_total``, the plan's 养老床位总数."""

REPORTED_RESOURCES: Final = (
    *RESOURCES,
    "bed_total",
    "care_worker_institution",
    "care_worker_home",
)

CITY: Final = "全市"
"""How every table calls the whole of a city or of an own network."""
