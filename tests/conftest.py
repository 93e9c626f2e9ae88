"""Settings that have to be in place before numpy is imported."""

import os
from collections.abc import Iterator

# OpenBLAS threads wait for each other by spinning: with two test processes on two cores the small
# matrix exponentials of `forecast.need.need` took 2-15 s with two threads each, 0.04 s with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from params.language import speak

# Of processes that a test starts too; a test that sets LC_ALL or LANG says otherwise.
os.environ.setdefault("LC_MESSAGES", "en_US.UTF-8")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are in English where a test does not say otherwise."""
    speak("en")
    yield
    speak("en")


# Compiling inside a test, or a busy machine, is no reason to fail it.
settings.register_profile("yanglao", deadline=None)
settings.load_profile("yanglao")
