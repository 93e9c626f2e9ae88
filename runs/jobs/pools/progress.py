"""Show how far jobs are: a bar on a terminal, now and then a line in a log."""

from types import TracebackType


class Progress:
    """Counts jobs as they are done.

    Parameters
    ----------
    total, done : jobs altogether, and those that were done before.
    bar : whether it is shown; None: where somebody looks at a terminal.
    """

    def __init__(self, total: int, done: int, bar: bool | None) -> None:
        from tqdm import tqdm

        self.failed = 0
        self._bar = tqdm(
            total=total, initial=done, disable=None if bar is None else not bar, unit="job"
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def one_done(self) -> None:
        """Count a job."""
        self._bar.update()
