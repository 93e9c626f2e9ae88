"""Do batches on a Dask cluster."""

from runs.jobs.pools.batch import Batch, Work
from runs.jobs.pools.pool import Finished


class Cluster:
    """Does batches on the workers of a Dask scheduler."""

    def __init__(self, work: Work, address: str) -> None:
        raise NotImplementedError(address)

    slots = room = under_way = 0

    def start(self, batch: Batch) -> None:
        """Send a batch."""

    def finished(self) -> Finished:
        """Wait for batches."""
        raise NotImplementedError

    def close(self, at_once: bool) -> None:
        """Leave the cluster."""
