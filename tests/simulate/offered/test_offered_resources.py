"""The deterministic twin knows resources by their rows: those of a level and of the share in hospital too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from params.axes import ASSESSMENT, FloatArray
from simulate.city.observe import city_frame
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from simulate.city.warm_up import scaled
from simulate.measure.measures import DEMAND, measure
from simulate.offered.load import offered_load
from tests.city import STAFF, changed, whole_city, with_growth

PLENTY = 10_000_000
REPLICATIONS = 24
MEDICAL = 'extends = "baseline"\n[horizon]\nlast_year = 2022\n[resources]\non = ["medical_bed"]\n'


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """Return a city with medical beds where nothing is scarce, and nobody goes to hospital."""
    path: Path = tmp_path_factory.mktemp("scenario") / "medical.toml"
    path.write_text(MEDICAL, encoding="utf-8")
    # Nobody leaves a medical bed for other causes, which the twin does not know: so nobody leaves any.
    rare = {"hospital_admissions": 0.0, "ask_medical_bed": 0.4, "other_exit": 0.0}
    city = changed(scaled(whole_city(str(path)), 1 / 10), rare)
    city = with_growth(city, **dict.fromkeys(STAFF, 1e4))
    beds = city.capacity
    plenty = replace(
        beds,
        operating=np.full_like(beds.operating, PLENTY),
        places=np.full_like(beds.places, PLENTY),
    )
    return replace(city, capacity=plenty)


@pytest.mark.statistical
def test_medical_beds_and_what_they_leave_of_other_beds_agree_with_the_simulation(
    city: Setting,
) -> None:
    frame, n = city_frame(city), len(city.inputs.resources)

    def december(replication: int) -> FloatArray:
        ledger = run_replication(city, 5, replication).ledger
        return np.asarray(measure(ledger, frame).monthly[-1, :, :n, DEMAND].sum(axis=0))

    runs = np.array([december(r) for r in range(REPLICATIONS)])
    offered = offered_load(city).demand[-1].sum(axis=0)
    kinds = [k for k in range(len(city.inputs.resources)) if k != ASSESSMENT]
    error = runs.std(axis=0, ddof=1)[kinds] / np.sqrt(REPLICATIONS)
    z = (runs.mean(axis=0) - offered)[kinds] / error
    # t with 23 degrees of freedom, seven kinds: 6.3 standard errors, 1 false alarm in 70,000.
    assert np.abs(z).max() < 6.3, z
    assert offered[city.inputs.resources.index("medical_bed")] > 500


def test_what_is_asked_for_in_the_last_months_is_refused() -> None:
    with pytest.raises(ValueError, match=r"hospice_bed \(last_months\); hospice_bed turned off"):
        offered_load(whole_city("medical-and-hospice"))
