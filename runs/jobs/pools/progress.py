"""Show how far jobs are: a bar on a terminal, a plain line now and then in a log."""

import sys
from time import monotonic
from types import TracebackType
from typing import Final

from runs.texts.wording import wording

EVERY_SECONDS: Final = 30.0
"""How often a log gets a line; work that is done sooner says nothing there."""


class Progress:
    """Counts jobs as they are done.

    Parameters
    ----------
    total, done : jobs altogether, and those that were done before.
    bar : whether a bar is shown, or nothing; None: a bar where somebody looks at a terminal, lines elsewhere.
    lang : in which language.
    """

    def __init__(self, total: int, done: int, bar: bool | None, lang: str) -> None:
        from tqdm import tqdm

        self._words = wording(lang)
        self._total, self._before, self._done, self._failed = total, done, done, 0
        self._begin = self._said = monotonic()
        self._in_log = bar is None and not sys.stderr.isatty()
        hidden = self._in_log or bar is False
        title = self._words.text("jobs", "bar")
        self._bar = tqdm(total=total, initial=done, disable=hidden, unit="", desc=title)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
        if self._in_log and self._said > self._begin:
            self._say("end", took=clock(monotonic() - self._begin))

    def one_done(self) -> None:
        """Count a job."""
        self._done += 1
        self._bar.update()
        now = monotonic()
        if self._in_log and now - self._said >= EVERY_SECONDS:
            self._said = now
            each = (now - self._begin) / (self._done - self._before)
            self._say("line", left=clock(each * (self._total - self._done - self._failed)))

    def note_failures(self, failed: int) -> None:
        """Note how many have failed."""
        if failed != self._failed:
            self._failed = failed
            self._bar.set_postfix_str(self._words.text("jobs", "failed", failed=failed))

    def _say(self, key: str, **times: str) -> None:
        text = self._words.text(
            "jobs", key, done=self._done, total=self._total, failed=self._failed, **times
        )
        print(text, file=sys.stderr, flush=True)


def clock(seconds: float) -> str:
    """Say a time as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
