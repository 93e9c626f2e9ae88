"""Look up a person's class in a queue, and whose turn it is: the table says who comes first."""

from params.scenario.priorities import REQUESTS
from simulate.city.pools import resource_of
from simulate.city.world import CityWorld
from simulate.engine.compiled import inlined
from simulate.engine.intrinsics import natural
from simulate.engine.queues import first_waiting
from simulate.engine.records import N_CLASS, RETURNED
from simulate.engine.streams import HARDSHIP, uniform

N_REQUEST = len(REQUESTS)


@inlined
def class_in(w: CityWorld, i: int, resource: int, local: int, request: int) -> int:
    """Return a person's class among those who wait for a resource.

    Parameters
    ----------
    local : 1 where a resident of the district asks, or for beds that serve the whole city.
    request : position in `REQUESTS`, of an assessment.
    """
    person = w.people[i]
    hard = 0
    if w.rules.hardship_share > 0.0:
        hard = int(uniform(person.key, HARDSHIP, 0) < w.rules.hardship_share)
    returned = 1 if person.hospital == RETURNED else 0
    # As `simulate.city.priorities.code_of` counts.
    code = ((person.assessed * 2 + person.alone) * 2 + returned) * 2 + local
    code = ((code * 2 + person.dementia) * 2 + hard) * N_REQUEST + request
    return int(w.class_of_case[natural(w.queue[natural(resource)]), natural(code)])


@inlined
def next_waiting(w: CityWorld, pool: int) -> int:
    """Return the node whose turn it is in a pool, or -1; classes that are not served now are passed."""
    if w.rules.has_closed == 0:
        return first_waiting(w, pool)
    queue = w.queue[resource_of(w, pool)]
    for rank in range(N_CLASS):
        if w.head[pool, rank] >= 0 and w.is_closed[queue, rank] == 0:
            return int(w.head[pool, rank])
    return -1
