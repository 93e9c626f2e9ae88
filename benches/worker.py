"""Do one replication as a worker process does; print its memory peak and its seconds as JSON.

    python benches/worker.py one          forecast and simulate from the files on, all in this process
    python benches/worker.py worker FILE  take a pickled scenario and base, as workers get them
    python benches/worker.py first        a city of one in two thousand from the files on

Seconds are CPU seconds since the process began; kernels that are not in the cache are compiled.
"""

import json
import os
import pickle
import sys
from pathlib import Path
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SEED = 2020


def main() -> None:
    """Work and print."""
    what = sys.argv[1]
    if what == "worker":
        inputs, base = pickle.loads(Path(sys.argv[2]).read_bytes())
    else:
        from forecast.base.build import base_of
        from params.inputs import load_inputs
        from params.scenario.load import load_scenario

        inputs = load_inputs(load_scenario("baseline").scenario)
        base = base_of(inputs)
    from simulate.city.observe import observe, simulate_one
    from simulate.city.replication import run_replication
    from simulate.city.setting import setting_of
    from simulate.city.warm_up import SCALE, scaled

    if what == "first":
        setting = scaled(setting_of(inputs, base), SCALE)
        observe(setting, run_replication(setting, SEED, 0))
    else:
        simulate_one(inputs, base, SEED, 0, fixed_parameters=True)
    from many_draws import peak_mebibytes

    print(json.dumps({"peak": peak_mebibytes(), "seconds": process_time()}))


if __name__ == "__main__":
    main()
