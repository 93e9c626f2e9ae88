"""Draw chance by counting, not by sequence.

Every draw is a hash of (person, purpose, count); a person's key is a hash of (seed, replication, cell,
index). The scenario is not in the key, so scenarios share their people's luck, and the order of
events cannot change anybody's draw. The mixer is the finaliser of splitmix64 (Steele, Lea and Flood
2014), whose increments here are the purposes and counts instead of a running state.
"""

import math
from typing import Final

import numpy as np

from simulate.engine.compiled import entry, kernel

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
SPREAD: Final = np.uint64(0xD1B54A32D192ED03)

# Purposes: what a draw is for. The numbers are part of every result; never renumber. Those that decide
# who asks for a resource stand in `asks.csv` (12 to 16 here; new ones from 64 on).
(
    COUNT,
    ONSET_TIME,
    INSURED,
    TAKE_UP,
    ALONE,
    DEMENTIA,
    DELAY,
    DEATH,
    LIFE_TIME,
    LIFE_KIND,
    DEMENTIA_NEW,
    WANT,
    BED_TYPE,
    ASK,
    HOSPITAL,
    DAY,
    FAMILY,
    ZONE,
    PATIENCE,
    WITHDRAW,
    EXIT,
    LIST,
    VALIDITY,
    SETTLED,
    START,
    ADMISSION,
    HOSPITAL_STAY,
    MISTAKE,
    STAY,
    GIVE_UP,
    ELSEWHERE,
    ROUTE,
    HARDSHIP,
    LEAVE_AT_START,
) = range(34)


@entry
def mix(word: np.uint64) -> np.uint64:
    """Spread a 64-bit word over all its bits."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@entry
def join(key: np.uint64, number: int) -> np.uint64:
    """Derive a new key from a key and a number."""
    return mix(np.uint64(key) + (np.uint64(number) + np.uint64(1)) * GOLDEN)


def replication_key(seed: int, replication: int) -> np.uint64:
    """Return the key from which all people of a replication get theirs."""
    return np.uint64(join(np.uint64(join(np.uint64(seed & 0xFFFFFFFFFFFFFFFF), 11)), replication))


@kernel
def uniform(key: np.uint64, purpose: int, count: int) -> float:
    """Draw from (0, 1): 53 random bits, shifted by half a step so that neither end occurs."""
    word = mix(key + np.uint64(purpose + 1) * GOLDEN + np.uint64(count) * SPREAD)
    return (np.float64(mix(word) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@kernel
def exponential(key: np.uint64, purpose: int, count: int) -> float:
    """Draw an exponential of mean one by inversion, so that it is monotone in its uniform."""
    return -np.log(uniform(key, purpose, count))


@kernel
def normal(key: np.uint64, purpose: int, count: int) -> float:
    """Draw a standard normal (Box and Muller) from a count of a purpose and the next one."""
    radius = np.sqrt(-2.0 * np.log(uniform(key, purpose, count)))
    return radius * np.cos(2.0 * np.pi * uniform(key, purpose, count + 1))


@kernel
def lognormal(key: np.uint64, purpose: int, count: int, mean: float) -> float:
    """Draw a lognormal of a mean and coefficient of variation 1."""
    spread = np.sqrt(np.log(2.0))
    return mean * np.exp(spread * normal(key, purpose, 2 * count) - np.log(2.0) / 2)


@kernel
def poisson(mean: float, u: float) -> int:
    """Return the Poisson quantile of a uniform; scenarios with more people keep the first ones."""
    n, term, last = 0, np.exp(-mean), 5000.0
    if mean > 500.0:
        # exp(-mean) would vanish: start 12 standard deviations below the mean, where nobody is left.
        n = int(mean - 12.0 * np.sqrt(mean))
        term = np.exp(n * np.log(mean) - mean - math.lgamma(n + 1.0))
        last = mean + 40.0 * np.sqrt(mean)
    total = term
    while u > total and n < last:
        n += 1
        term *= mean / n
        total += term
    return n
