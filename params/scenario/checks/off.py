"""Refuse what is said of a resource that the scenario has not turned on."""

from collections.abc import Iterator, Mapping

from params.language import said
from params.names import TIERS, optional_ids, resource_id
from params.scenario.faults import Fault, table_at


def resources_off(raw: Mapping[str, object]) -> dict[str, str]:
    """Return the resources that a scenario has not turned on, each with the line that does.

    Where it is not known what is on - the key is not there, or no list - none is off.
    """
    on, off = table_at(raw, "resources").get("on"), {}
    if isinstance(on, list | tuple):
        chosen = [resource_id(name) for name in on]
        off = {id_: f'[resources] on = ["{id_}"]' for id_ in optional_ids() if id_ not in chosen}
    if table_at(raw, "tiers").get("share", 0.0) is None:
        off |= dict.fromkeys(TIERS, "[tiers] share")
    return off


def off_faults(off: Mapping[str, str], where: str, resource: object) -> Iterator[Fault]:
    """Yield a resource that is off, and the line that turns it on.

    Parameters
    ----------
    off : what `resources_off` returns.
    where : key path of who speaks of it.
    """
    if isinstance(resource, str) and resource in off:
        yield Fault(
            where,
            said(f"{resource} is off", f"{resource} 未启用"),
            said("a resource that is on", "已启用的资源"),
            said(f"add {off[resource]}", f"请先写 {off[resource]}"),
        )
