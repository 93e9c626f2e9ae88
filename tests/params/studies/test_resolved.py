"""A design that is written out whole is the same design."""

from pathlib import Path

from params.studies.read import read_design
from params.studies.resolved import resolved_design
from tests.designs import LEVEL, TOTAL, axis, between, ranged, sample, written


def test_a_resolved_design_reads_back_to_the_same_design(tmp_path: Path) -> None:
    text = (
        'base = ["more-beds", "baseline"]\ndescription = "one\\ntwo \\"three\\" 四"\ndraws = 3\n'
        + axis(TOTAL, "[2200, 2300]", "labels = ['few', 'many']\nzip = 'a'")
        + ranged("workers.growth_home", 0.1, 0.3, 2, "zip = 'a'")
        + axis("beds.changes[0].date", "[2025-03-01]")
        + axis("assumptions.e0_gain_male", "[{value = 0.1, low = 0.05}]")
        + axis("resources.on", "[[], ['home_sickbed']]")
        + sample(8, between("workers.extra_home", 1, 9, 'scale = "log"'), f'key = "{LEVEL}"')
        + "[keep]\nby = 'month'\nmeasures = ['demand']\nyears = [2024]\nareas = ['zones', '青石区']"
    )
    design = read_design(written(tmp_path, text))
    again = read_design(written(tmp_path, resolved_design(design), "again"))
    assert again == design
    assert resolved_design(again) == resolved_design(design)


def test_a_design_of_nothing_but_axes_is_written_with_its_defaults(tmp_path: Path) -> None:
    whole = resolved_design(read_design(written(tmp_path, axis(TOTAL, "[2200]"))))
    for line in ('name = "design"', 'base = ["baseline"]', "replications = 20", "seed = 2020"):
        assert line in whole.splitlines()
    assert "draws" not in whole.replace("shared_draws", "")
