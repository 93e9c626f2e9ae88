"""Write ``replications.parquet``: every replication's monthly values by district, as they are read back."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.inputs import Inputs
from runs.tables.city import month_names, replication_keys
from runs.tables.network import network_replication_keys
from runs.write import whole_file
from simulate.network.layout import Network
from simulate.network.outcome import NetworkOutcome
from simulate.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP: Final = 1 << 20
"""Rows of small replications that are written together."""


def write_city_replications(
    path: Path, inputs: Inputs, outcomes: Iterable[Outcome], fixed_parameters: bool
) -> None:
    """Write a city's, one row group a replication; draws have the replications' numbers."""
    first = inputs.reported_from
    n_month = 12 * (inputs.last_year + 1 - first)
    keys = replication_keys(inputs, month_names(first, n_month))
    values = (outcome.monthly[-n_month:] for outcome in outcomes)
    _write(path, _tables(keys, values, fixed_parameters))


def write_network_replications(
    path: Path, network: Network, name: str, outcomes: Iterable[NetworkOutcome]
) -> None:
    """Write an own network's, many to a row group."""
    import pyarrow as pa

    keys = network_replication_keys(network, name)
    # Readers with pandas get the types of all columns from the file's own description.
    described = keys.assign(value=0.0)
    described.insert(0, "replication", 0)
    described.insert(0, "draw", 0)
    metadata = pa.Schema.from_pandas(described, preserve_index=False).metadata
    tables = _tables(keys, (outcome.monthly for outcome in outcomes), True)
    _write(path, (t.replace_schema_metadata(metadata) for t in _in_groups(tables)))


def _tables(
    keys: pd.DataFrame, values: Iterable[FloatArray], one_draw: bool
) -> Iterator["pa.Table"]:
    """Yield the rows of each replication; cells without meaning have none."""
    import pyarrow as pa

    said = pa.Table.from_pandas(keys, preserve_index=False)
    for k, monthly in enumerate(values):
        numbers = monthly.ravel()
        known = np.isfinite(numbers)
        table = said.filter(pa.array(known))
        for name, number in (("replication", k), ("draw", 0 if one_draw else k)):
            table = table.add_column(0, name, pa.array(np.full(len(table), number)))
        yield table.append_column("value", pa.array(numbers[known]))


def _in_groups(tables: Iterable["pa.Table"]) -> Iterator["pa.Table"]:
    """Put small tables together to `ROWS_A_GROUP`."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        while sum(map(len, waiting)) > ROWS_A_GROUP:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, ROWS_A_GROUP)
            waiting = [whole.slice(ROWS_A_GROUP)]
    if waiting:
        yield pa.concat_tables(waiting)


def _write(path: Path, tables: Iterable["pa.Table"]) -> None:
    """Write one row group a table."""
    import pyarrow.parquet as pq

    with whole_file(path) as part:
        writer = None
        for table in tables:
            writer = writer or pq.ParquetWriter(part, table.schema, compression="zstd")
            writer.write_table(table.combine_chunks())
        if writer is not None:
            writer.close()
