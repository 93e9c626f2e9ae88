"""Settings that have to be in place before numpy is imported."""

import os

# OpenBLAS threads wait for each other by spinning: with two test processes on two cores the small
# matrix exponentials of `forecast.need.need` took 2-15 s with two threads each, 0.04 s with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

# Compiling inside a test, or a busy machine, is no reason to fail it.
settings.register_profile("yanglao", deadline=None)
settings.load_profile("yanglao")
