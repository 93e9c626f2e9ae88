"""Make once what several scenarios of one draw have in common: their people, forecast and drawn.

Scenarios that differ in beds, workers, assessors or policy have the same people, with the same needs. Who
simulates many of them, replication by replication, lets a `Shared` make each only once; every result is
the one that a scenario by itself has, to the byte.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from forecast.base.base import Base
from forecast.need.need import Need, need_of
from forecast.people.excess import death_events
from forecast.people.projection import Projection, last_projected_year, project
from params.inputs import Inputs
from simulate.city.observe import observe
from simulate.city.replication import people_of, run_replication
from simulate.city.setting import Setting, prepare
from simulate.engine.records import PERSON, cache_aligned
from simulate.outcome import Outcome

FORECASTS: Final = 4
"""Forecasts that are held, some MB each."""
CROWDS: Final = 1
"""Replications whose people are held, 64 bytes a person."""
One = TypeVar("One")


class Shared:
    """What was made for the scenarios before; the oldest goes when there is no room."""

    def __init__(self) -> None:
        self._forecasts: OrderedDict[Hashable, tuple[Projection, Need]] = OrderedDict()
        self._crowds: OrderedDict[Hashable, NDArray[np.void]] = OrderedDict()

    def setting(self, inputs: Inputs, base: Base) -> Setting:
        """Return what `simulate.city.setting.setting_of` does."""

        def make() -> tuple[Projection, Need]:
            projection = project(inputs, base)
            return projection, need_of(inputs, projection)

        forecast = _held(self._forecasts, FORECASTS, forecast_key(inputs), make)
        return prepare(inputs, *forecast)

    def simulate(
        self, inputs: Inputs, base: Base, seed: int, replication: int, services: bool = True
    ) -> Outcome:
        """Forecast and simulate one replication, as `simulate.city.observe.simulate_one` does.

        Parameters
        ----------
        inputs : with the draw of the replication.
        services : whether the least capacity for the target is searched, see `observe`.
        """
        setting = self.setting(inputs, base)
        key = (
            forecast_key(inputs),
            inputs.resources.asks_without_wish,
            _claims_key(inputs),
            seed,
            replication,
        )
        people = _held(self._crowds, CROWDS, key, lambda: people_of(setting, seed, replication))

        def copied() -> NDArray[np.void]:
            # The event loop writes into people.
            copy = cache_aligned(people.shape, PERSON, cleared=False).view(np.recarray)
            copy[:] = people
            return copy

        run = run_replication(setting, seed, replication, people=copied)
        return observe(setting, run, services)


def forecast_key(inputs: Inputs) -> Hashable:
    """Return what people and their need depend on: scenarios of the same key have the same.

    Of a scenario these are the population, the years and how long their requests are followed, events in
    which more people die, and the beds of the base year, whose residents live in no household; of the
    assumptions those about people, need and what they ask for.
    """
    scenario, assumed = inputs.scenario, inputs.assumed
    return (
        inputs.city.folder,
        inputs.draw_of,
        scenario.population,
        scenario.horizon,
        scenario.beds.total_2020,
        death_events(scenario),
        assumed.forecast,
        assumed.spread,
        assumed.need,
        assumed.choice,
        (inputs.follow_up_months, last_projected_year(inputs)),
    )


def _claims_key(inputs: Inputs) -> Hashable:
    """Return what the insurance says of who applies: other people come forward where it differs."""
    return tuple(
        (change.date, change.district, change.take_up, change.insured_share)
        for change in inputs.scenario.insurance.changes
        if change.take_up is not None or change.insured_share is not None
    )


def _held(
    held: "OrderedDict[Hashable, One]", room: int, key: Hashable, make: Callable[[], One]
) -> One:
    """Return what is held under a key, made if need be."""
    if key not in held:
        while len(held) >= room:
            held.popitem(last=False)
        held[key] = make()
    held.move_to_end(key)
    return held[key]
