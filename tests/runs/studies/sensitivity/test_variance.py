"""The split of the variance finds variances that are known, without bias, with intervals that hold them."""

import numpy as np
import pytest

from params.axes import FloatArray
from runs.studies.sensitivity.variance import SOURCES, Shared, split

pytestmark = pytest.mark.core
SCENARIO, DRAWS, BOTH, LUCK, LUCK_OF_POINT = 4.0, 9.0, 1.0, 3.0, 0.5
FIGURES = 40
SLOW = ("own lives", "own draws")
FORMS = {
    "all shared": (3, 12, 4, Shared()),
    "own lives": (3, 12, 4, Shared(lives=False)),
    "own draws": (3, 12, 4, Shared(draws=False)),
    "nothing shared": (3, 12, 4, Shared(lives=False, draws=False)),
    "one point": (1, 16, 5, Shared()),
}


def made_up(points: int, draws: int, replications: int, shared: Shared) -> FloatArray:
    """Return figures whose variance by source is known, each figure by itself."""
    chance = np.random.default_rng(7)

    def noise(variance: float, *shape: int) -> FloatArray:
        return np.sqrt(variance) * chance.normal(size=(*shape, FIGURES))

    places = np.linspace(-1, 1, points) if points > 1 else np.zeros(1)
    scale = places.std(ddof=1) if points > 1 else 1.0
    apart = (np.sqrt(SCENARIO) * places / scale)[:, None, None, None]
    of_draws = noise(DRAWS, points if not shared.draws else 1, draws, 1)
    of_lives = noise(LUCK, points if not shared.lives else 1, draws, replications)
    rest = noise(BOTH, points, draws, 1) + noise(LUCK_OF_POINT, points, draws, replications)
    return 100.0 + apart + of_draws + of_lives + rest


def truth(points: int, shared: Shared) -> FloatArray:
    apart = points > 1 and shared.draws
    return np.array(
        [
            LUCK + LUCK_OF_POINT,
            DRAWS + (0.0 if apart else BOTH),
            BOTH if apart else np.nan,
            SCENARIO if points > 1 else np.nan,
        ]
    )


@pytest.mark.statistical
@pytest.mark.parametrize(
    "form", [pytest.param(f, marks=[pytest.mark.slow] * (f in SLOW)) for f in FORMS]
)
def test_every_source_is_found_and_its_interval_holds_its_share(form: str) -> None:
    points, draws, replications, shared = FORMS[form]
    found = split(made_up(points, draws, replications, shared), shared)
    wanted = truth(points, shared)
    known = np.isfinite(wanted)
    assert (np.isfinite(found.variance).all(axis=1) == known).all()
    error = found.variance.std(axis=1, ddof=1) / np.sqrt(FIGURES)
    # Seven standard errors of 40 skewed figures; t with 39 degrees of freedom: below 1 in a million for each.
    assert (np.abs(found.variance.mean(axis=1) - wanted)[known] < 7 * error[known]).all()
    share = (wanted / np.nansum(wanted))[:, None]
    held = ((found.low <= share) & (share <= found.high)).mean(axis=1)
    # Binomial (40, .95): below 31 in 1 of 100,000.
    assert (held[known] >= 31 / 40).all()


def test_without_luck_luck_has_no_share_and_without_draws_they_have_none() -> None:
    by_draw = np.random.default_rng(1).normal(size=(1, 8, 1, 1))
    of_draws = split(np.broadcast_to(by_draw, (1, 8, 3, 1)))
    assert of_draws.share[:2, 0] == pytest.approx([0.0, 1.0])
    by_point = np.broadcast_to(np.arange(4.0)[:, None, None, None], (4, 8, 3, 1))
    of_points = split(by_point)
    assert of_points.share[SOURCES.index("scenario"), 0] == pytest.approx(1.0)


def test_a_figure_that_never_varies_has_no_shares() -> None:
    found = split(np.full((2, 4, 3, 1), 5.0))
    assert np.isnan(found.share).all()
    assert np.isnan(found.low).all()


def test_the_same_figures_give_the_same_intervals_whatever_stands_beside_them() -> None:
    values = made_up(3, 6, 2, Shared())
    whole, alone = split(values), split(values[..., 5:6])
    np.testing.assert_allclose(whole.low[:, 5:6], alone.low, rtol=1e-9)
