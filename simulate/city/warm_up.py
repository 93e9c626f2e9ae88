"""Compile every kernel once, on a city of a few hundred people, before many processes need them."""

from dataclasses import replace

from forecast.base.base import Base
from forecast.compiled import SOURCE_DIGEST, cache_root
from params.inputs import Inputs
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, setting_of

SCALE = 1 / 2000


def scaled(setting: Setting, scale: float) -> Setting:
    """Shrink people and beds of a setting; for warming up and for tests, never for results."""
    need, flows, capacity = setting.need, setting.flows, setting.capacity
    beds = (capacity.operating * scale).round().astype(capacity.operating.dtype)
    return replace(
        setting,
        need=replace(need, stock=need.stock * scale, onset=need.onset * scale),
        flows=replace(
            flows,
            self_stock=flows.self_stock * scale,
            self_flow=flows.self_flow * scale,
            below_flow=flows.below_flow * scale,
        ),
        capacity=replace(
            capacity,
            operating=beds,
            day_places=(capacity.day_places * scale).round().astype(beds.dtype),
            family_beds=(capacity.family_beds * scale).round().astype(beds.dtype),
        ),
    )


def warm_up(inputs: Inputs, base: Base) -> None:
    """Compile and cache the kernels unless that was done for these sources before."""
    mark = cache_root() / f"kernels-{SOURCE_DIGEST}" / "warm"
    if mark.exists():
        return
    setting = scaled(setting_of(inputs, base), SCALE)
    observe(setting, run_replication(setting, 0, 0))
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
