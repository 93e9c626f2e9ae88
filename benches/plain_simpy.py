"""The same kinds of event in SimPy's own idioms: processes, resources with priorities, timeouts.

A yardstick for the reference model, no model itself: a person is a process that comes forward, is
assessed by a team of the district, changes in level, renews the result, asks for home care and a bed,
loses patience and dies. It leaves out what `plain_loop.c` leaves out, and working hours.
"""

import random
from collections import Counter
from collections.abc import Generator
from time import process_time

import simpy

YEAR = 365.25
DISTRICTS = 16
WORSEN, END = 0.09, 0.135
"""Rates a year of changes of level and of death or recovery."""


class City:
    """Assessors, beds and home-care places of every district, and the events counted."""

    def __init__(self, people: int, years: float, seed: int) -> None:
        self.env, self.chance, self.events = (
            simpy.Environment(),
            random.Random(seed),
            Counter[str](),
        )
        each = people / DISTRICTS

        def pools(share: float) -> list[simpy.PriorityResource]:
            capacity = max(1, round(share * each))
            return [simpy.PriorityResource(self.env, capacity) for _ in range(DISTRICTS)]

        self.teams, self.beds, self.home = pools(0.001), pools(0.09), pools(0.45)
        self.years = years
        for i in range(people):
            onset = 0.0 if i < 0.356 * people else self.chance.random() * years * YEAR
            self.env.process(self.person(onset, i % DISTRICTS))

    def person(self, onset: float, district: int) -> Generator[simpy.Event, object, None]:
        """Live from the onset of need to death."""
        env, chance = self.env, self.chance
        yield env.timeout(onset)
        self.events["start"] += 1
        death = env.timeout(chance.expovariate(END) * YEAR)
        delay = chance.random() if onset == 0 else chance.expovariate(1 / 45)
        yield env.timeout(delay) | death
        self.events["apply"] += 1
        seeks_bed = chance.random() < 0.17
        served = False
        while not death.processed:
            if onset > 0 or served:
                with self.teams[district].request(priority=2 if served else 0) as team:
                    yield team
                    yield env.timeout(0.25)
                    self.events["done"] += 1
            if not served:
                served = True
                env.process(self.care(death, district, seeks_bed))
            renewal = env.timeout(chance.choice((305, 670)))
            change = env.timeout(chance.expovariate(WORSEN) * YEAR)
            yield renewal | change | death
            self.events["renew" if renewal.processed else "life"] += 1

    def care(
        self, death: simpy.Event, district: int, bed: bool
    ) -> Generator[simpy.Event, object, None]:
        """Wait for home care or a bed, elsewhere when patience ends, and keep it to the end."""
        with (self.beds if bed else self.home)[district].request(priority=1) as place:
            patience = self.env.timeout(self.chance.expovariate(1 / 60))
            yield place | patience | death
            if not place.triggered and not death.processed:
                self.events["patience"] += 1
                yield place | death
            if place.triggered and not death.processed:
                yield death

    def run(self) -> float:
        """Run to the end and return CPU seconds."""
        begin = process_time()
        self.env.run(until=self.years * YEAR)
        return process_time() - begin


def measure(people: int, years: float, seed: int = 1) -> tuple[float, int]:
    """Return CPU seconds of a run and how many events of the model's kinds happened."""
    city = City(people, years, seed)
    seconds = city.run()
    return seconds, sum(city.events.values())


if __name__ == "__main__":
    print(*measure(24_710, 7.09))
