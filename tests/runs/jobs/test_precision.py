"""A run to a precision tells of every chosen mean what the draws saved."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from runs.cli.app import main
from tests.designs import TOY

RUN = ("run", "baseline", "--city", str(TOY), "--no-figures", "--no-report", "--lang", "en")


@pytest.mark.slow
def test_the_table_has_a_row_for_every_chosen_mean_and_the_mean_of_the_yearly_table(
    tmp_path: Path,
) -> None:
    chosen = ("--precision", "0.2", "--precision-of", "demand:bed_total,waiting:bed_total")
    done = CliRunner().invoke(
        main, [*RUN, *chosen, "--max-replications", "30", "--out", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    folder = tmp_path / "baseline"
    table = pd.read_csv(folder / "precision.csv")
    assert list(table["measure"]) == ["demand", "waiting"]
    yearly = pd.read_csv(folder / "shortfall.csv")
    is_city, is_total = yearly["area_type"] == "city", yearly["resource"] == "bed_total"
    last = yearly[is_city & is_total].iloc[-1]
    assert table["plain_mean"][0] == pytest.approx(last["demand"], abs=0.02)
    assert (table["half_width"] <= table["plain_half_width"] * 1.3).all()
    assert (table["saved"] > 0).all()


def test_a_run_of_so_many_replications_has_no_such_table(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*RUN, "--replications", "1", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "baseline" / "precision.csv").exists()
