"""Find pools: one for every district, resource and kind (its own, or shared by the whole city)."""

from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.records import N_KIND


@kernel
def pool_index(w: CityWorld, district: int, resource: int, kind: int) -> int:
    """Return the index of a pool: kind 0 a district's own, 1 for the whole city."""
    return int((int(district) * w.rules.n_resource + int(resource)) * N_KIND + kind)


@kernel
def district_of(w: CityWorld, pool: int) -> int:
    """Return the district in which a pool lies."""
    return int(w.pool_district[natural(pool)])


@kernel
def resource_of(w: CityWorld, pool: int) -> int:
    """Return the resource that a pool has."""
    return int(w.pool_resource[natural(pool)])
