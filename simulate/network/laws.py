"""Draw durations of an own scenario from named laws, each draw by person, purpose and count.

Kinds and parameters (seconds where they are times):

=================  ============================  =================================
fixed              a: the duration
exponential        a: mean                       by inversion
lognormal          a, b: of the logarithm        Box and Muller
gamma              a: shape, b: scale            Marsaglia and Tsang (2000)
weibull            a: shape, b: scale            by inversion
hyperexponential   samples: shares summed up,    mixture of exponentials
                   then as many means
empirical          samples: values, sorted       each as likely as any other
=================  ============================  =================================

The remaining stay of somebody who is there at a random moment is an even share of a stay drawn in
proportion to its length (length bias).
"""

from typing import Final, get_args

import numpy as np

from params.axes import FloatArray
from params.network.model import Law
from simulate.engine.compiled import kernel
from simulate.engine.records import Record
from simulate.engine.streams import exponential, normal, uniform

FIXED, EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL, HYPEREXPONENTIAL, EMPIRICAL = range(7)
LAW_NAMES: Final = get_args(Law.model_fields["distribution"].annotation)
"""Names of the kinds, in their order, as scenarios write them."""
DRAWS: Final = 64
"""Uniforms kept for one duration: the next count of the same purpose begins as many further on."""
TRIALS: Final = 19
"""Rejected trials after which a draw settles for the mode; fewer than one draw in 1e24 comes to it."""
SIZE_BIAS: Final = DRAWS - 1
"""The last of a duration's uniforms: its share that is still to come."""


@kernel
def draw(law: Record, samples: FloatArray, key: np.uint64, purpose: int, count: int) -> float:
    """Draw a duration, seconds."""
    if law.kind < HYPEREXPONENTIAL:
        return float(draw_formula(law, key, purpose, count))
    at = count * DRAWS
    n = law.last - law.first
    if law.kind == EMPIRICAL:
        return float(samples[law.first + int(uniform(key, purpose, at) * n)])
    n //= 2
    k = law.first
    u = uniform(key, purpose, at)
    while k < law.first + n - 1 and u >= samples[k]:
        k += 1
    return float(samples[k + n] * exponential(key, purpose, at + 1))


@kernel
def draw_formula(law: Record, key: np.uint64, purpose: int, count: int) -> float:
    """Draw a duration of a law that reads no samples, one before `HYPEREXPONENTIAL`, seconds."""
    at = count * DRAWS
    kind = law.kind
    if kind == EXPONENTIAL:
        return float(law.a * exponential(key, purpose, at))
    if kind == LOGNORMAL:
        return float(np.exp(law.a + law.b * normal(key, purpose, at)))
    if kind == FIXED:
        return float(law.a)
    if kind == WEIBULL:
        return float(law.b * exponential(key, purpose, at) ** (1.0 / law.a))
    return float(law.b * gamma(law.a, key, purpose, at))


@kernel
def draw_rest(law: Record, samples: FloatArray, key: np.uint64, purpose: int, count: int) -> float:
    """Draw what is left of a stay that is under way at a random moment, seconds."""
    at = count * DRAWS
    share = uniform(key, purpose, at + SIZE_BIAS)
    kind = law.kind
    if kind == EXPONENTIAL:
        # Without memory: what is left is distributed like the whole.
        return float(law.a * exponential(key, purpose, at))
    if kind == LOGNORMAL:
        return float(share * np.exp(law.a + law.b * law.b + law.b * normal(key, purpose, at)))
    if kind == FIXED:
        return float(share * law.a)
    if kind == WEIBULL:
        # In proportion to length, (stay / scale) ** shape is a gamma of shape 1 + 1 / shape.
        power = gamma(1.0 + 1.0 / law.a, key, purpose, at)
        return float(share * law.b * power ** (1.0 / law.a))
    if kind == GAMMA:
        return float(share * law.b * gamma(law.a + 1.0, key, purpose, at))
    if kind == EMPIRICAL:
        return float(share * longer(law, samples, key, purpose, at))
    return float(rest_of_mixture(law, samples, key, purpose, at))


@kernel
def gamma(shape: float, key: np.uint64, purpose: int, at: int) -> float:
    """Draw a gamma of scale one: a cubed normal, accepted nearly always (Marsaglia and Tsang)."""
    boost = 1.0
    if shape < 1.0:
        boost = uniform(key, purpose, at + SIZE_BIAS - 1) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    for trial in range(TRIALS):
        x = normal(key, purpose, at + 3 * trial)
        v = (1.0 + c * x) ** 3
        if v <= 0.0:
            continue
        u = uniform(key, purpose, at + 3 * trial + 2)
        if np.log(u) < 0.5 * x * x + d * (1.0 - v + np.log(v)):
            return float(boost * d * v)
    return float(boost * d)


@kernel
def longer(law: Record, samples: FloatArray, key: np.uint64, purpose: int, at: int) -> float:
    """Draw one of the values in proportion to its size, by rejection against the largest."""
    n = law.last - law.first
    largest = samples[law.last - 1]
    for trial in range(TRIALS):
        value = samples[law.first + int(uniform(key, purpose, at + 2 * trial) * n)]
        if uniform(key, purpose, at + 2 * trial + 1) * largest < value:
            return float(value)
    # Values of very unequal size are rejected often: sum them up instead.
    total = 0.0
    for k in range(law.first, law.last):
        total += samples[k]
    left = uniform(key, purpose, at + 2 * TRIALS) * total
    for k in range(law.first, law.last):
        left -= samples[k]
        if left < 0.0:
            return float(samples[k])
    return float(largest)


@kernel
def rest_of_mixture(
    law: Record, samples: FloatArray, key: np.uint64, purpose: int, at: int
) -> float:
    """Draw the rest of a mixture: its long parts are met more often, each without memory."""
    n = (law.last - law.first) // 2
    total, before = 0.0, 0.0
    for k in range(law.first, law.first + n):
        total += (samples[k] - before) * samples[k + n]
        before = samples[k]
    left = uniform(key, purpose, at) * total
    before = 0.0
    chosen = law.first + n - 1
    for k in range(law.first, law.first + n):
        left -= (samples[k] - before) * samples[k + n]
        before = samples[k]
        if left < 0.0:
            chosen = k
            break
    return float(samples[chosen + n] * exponential(key, purpose, at + 1))
