"""Compile what most tests need before they begin: each worker of pytest would compile all of it by itself.

``python -m tests.warm_up`` does nothing where the code of these sources is there.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from forecast.base.build import base_of
from forecast.compiled import CODE_FOLDER
from params.inputs import load_inputs
from params.network.load import load_network
from params.scenario.load import load_scenario
from simulate.city.setting import setting_of
from simulate.city.warm_up import warm_up
from simulate.network.layout import lay_out
from simulate.network.outcome import simulate_network
from simulate.offered.load import offered_load

MARK = "compiled-for-tests"
"""Name of an empty file beside the code, once all of it is there."""


def city() -> None:
    """Compile the forecast and the city's event loop."""
    inputs = load_inputs(load_scenario("baseline").scenario)
    warm_up(inputs, base_of(inputs))


def rest() -> None:
    """Compile own networks and the deterministic twin."""
    simulate_network(lay_out(load_network("clinic").plan), 1, 0)
    inputs = load_inputs(load_scenario("baseline").scenario)
    offered_load(setting_of(inputs, base_of(inputs)), parts=1)


def main() -> None:
    """Compile in two processes what is not there."""
    if CODE_FOLDER is None or (CODE_FOLDER / MARK).exists():
        return
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for done in [pool.submit(city), pool.submit(rest)]:
            done.result()
    (CODE_FOLDER / MARK).touch()


if __name__ == "__main__":
    main()
