"""Outcomes and tables of the small city."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from params.inputs import Inputs
from runs.produce import make_tables
from simulate.outcome import Outcome
from tests.city import small_city, small_outcome


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    return small_city().inputs


@pytest.fixture(scope="session")
def outcomes() -> Sequence[Outcome]:
    return [small_outcome(replication) for replication in range(3)]


@pytest.fixture(scope="session")
def tables(inputs: Inputs, outcomes: Sequence[Outcome]) -> Mapping[str, pd.DataFrame]:
    return make_tables(inputs, outcomes)
