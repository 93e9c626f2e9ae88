"""Compile every kernel once, on a city of a few hundred people, before many processes need them."""

from dataclasses import replace

import numpy as np

from forecast.base.base import Base
from forecast.code_cache import is_warm, mark_warm
from forecast.compiled import CODE_FOLDER
from params.axes import IntArray
from params.inputs import Inputs
from simulate.city.insurance import with_ceiling_of
from simulate.city.observe import observe
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, setting_of

SCALE = 1 / 2000


def scaled(setting: Setting, scale: float) -> Setting:
    """Shrink people and beds of a setting; for warming up and for tests, never for results."""
    need, flows, capacity = setting.need, setting.flows, setting.capacity

    def smaller(places: IntArray) -> IntArray:
        return np.asarray((places * scale).round().astype(np.int64))

    return replace(
        setting,
        need=replace(need, stock=need.stock * scale, onset=need.onset * scale),
        flows=flows._replace(
            self_stock=flows.self_stock * scale,
            self_flow=flows.self_flow * scale,
            below_flow=flows.below_flow * scale,
        ),
        capacity=replace(
            capacity,
            operating=smaller(capacity.operating),
            days=replace(capacity.days, operating=smaller(capacity.days.operating)),
            places=smaller(capacity.places),
        ),
        insurance=with_ceiling_of(setting.insurance, scale),
        start=setting.start.scaled(scale),
    )


def warm_up(inputs: Inputs, base: Base) -> None:
    """Compile and keep the kernels unless that was done for these sources before.

    Where nothing can be kept every process compiles for itself, so there is nothing to prepare.
    """
    if CODE_FOLDER is None or is_warm(CODE_FOLDER):
        return
    setting = scaled(setting_of(inputs, base), SCALE)
    observe(setting, run_replication(setting, 0, 0))
    mark_warm(CODE_FOLDER)
