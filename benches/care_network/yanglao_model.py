"""The small care network as a scenario of the product, in a process of its own.

`python yanglao_model.py REPLICATIONS SEED [measured]` runs `params/networks/care-network.toml` through
the product's entry, with all that it measures or with the ledger only; prints the CPU seconds of the
replications (the first, for which compiled code is loaded, not counted), then every result's mean and
standard deviation.
"""

import os
import sys
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from params.axes import FloatArray
from params.network.load import load_network
from simulate.engine.records import DAY, DONE
from simulate.measure.measures import DIED_WAITING, OCCUPIED, PLACED, REQUESTS
from simulate.network.layout import Network, lay_out
from simulate.network.outcome import observe_network, simulate_network
from simulate.network.run import NetworkRun, measure_network, run_network

NAMES = ("arr", "assessed", "died1", "died2", "placed", "left")


def results_of(network: Network, run: NetworkRun) -> FloatArray:
    """Return a replication's results: counts and means from the measures, the rest from the ledger."""
    first, bed = (network.resources.index(name) for name in ("assessment", "bed"))
    monthly = measure_network(network, run).monthly
    total = monthly.sum(axis=(0, 1))
    days = np.diff(network.month_start) / (network.end - network.release)
    rows = run.ledger
    beds = rows["resource"] == bed
    met = beds & (rows["start"] < network.end)
    waits = (rows["start"][met].astype(np.int64) - rows["request"][met]) / DAY
    left = (beds & (rows["outcome"] == DONE)).sum()
    return np.array(
        [
            total[first, REQUESTS],
            total[bed, REQUESTS],
            total[first, DIED_WAITING],
            total[bed, DIED_WAITING],
            total[bed, PLACED],
            left,
            waits.mean(),
            days @ monthly[:, :, bed, OCCUPIED].sum(axis=1),
        ]
    )


def replicate(replications: int, seed: int, measured: bool) -> tuple[float, FloatArray]:
    """Run replications; return CPU seconds and results, shape (result, replication)."""
    network = lay_out(load_network("care-network").plan)
    simulate_network(network, seed, 0)
    seconds, found = 0.0, []
    for r in range(replications):
        begin = process_time()
        run = run_network(network, seed, r)
        if measured:
            observe_network(network, run)
        seconds += process_time() - begin
        found.append(results_of(network, run))
    return seconds, np.transpose(found)


if __name__ == "__main__":
    spent, results = replicate(int(sys.argv[1]), int(sys.argv[2]), "measured" in sys.argv[3:])
    print("cpu_seconds", spent)
    names = (*NAMES, "mean_wait_of_placed_days", "mean_occupied_beds")
    for name, values in zip(names, results, strict=True):
        print(name, values.mean(), values.std(ddof=1))
