"""Say what a scenario's numbers depend on: its values, and not what it or its files are called."""

import json
from collections.abc import Mapping
from typing import Any, Final

from params.network.model import LoadedNetwork
from params.scenario.model import LoadedScenario
from params.scenario.unused import unused
from params.tables.assumptions import apply_changes, read_assumptions

NAMES: Final = ("name", "title_zh", "title_en", "description")
AFTERWARDS: Final = ("costs",)
"""What tables are worked out with when everything has been simulated: other costs are the same run."""
UNREAD: Final = (*NAMES, *AFTERWARDS)
"""Keys of a scenario that move no number of a simulation."""


def identity(loaded: LoadedScenario | LoadedNetwork) -> str:
    """Return one text for all scenarios of the same values.

    Names, titles, comments and the files that values came from are not in it. Assumptions stand in it with
    the values and ranges that hold: one that states a default is the same as one that leaves it out. What
    nothing reads (`params.scenario.unused`) is left out.
    """
    values = _without_names(loaded.scenario.model_dump(mode="json"))
    if isinstance(loaded, LoadedScenario):
        known = read_assumptions(loaded.city.assumptions)
        held = apply_changes(known, loaded.scenario.assumptions)
        values["assumptions"] = {
            name: [float(a.value), float(a.low), float(a.high), a.distribution]
            for name, a in held.items()
        }
        for one in unused(loaded.scenario.model_dump()):
            table, _, key = one.key.partition(".")
            values[table].pop(key, None)
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _without_names(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in UNREAD}
