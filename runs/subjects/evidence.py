"""Choose what the report of a city says besides its results: what they hang on, and what is published."""

from collections.abc import Mapping, Sequence
from typing import Final

from forecast.base.base import Base
from params.axes import FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from params.tables.read import read_sources
from runs.report.evidence import Section, band_section, check_section, misfit_section
from runs.report.told import Lack
from runs.tables.checks import checks_of
from runs.tables.drivers import bands_of
from runs.tables.population import misfits_table
from runs.tables.sample import Sample
from runs.texts.wording import Wording

OCCUPANCY: Final = "city_occupancy_2020"
"""The assumption that demand for beds hangs on and that nobody publishes."""


def demand_section(
    inputs: Inputs, lacks: Sequence[Lack], drawn: Mapping[str, FloatArray], words: Wording
) -> Section | None:
    """Show how the gap of beds hangs on the occupancy of the base year, where that was drawn.

    Parameters
    ----------
    drawn : values by assumption, shape (replication,) each.
    """
    beds = [lack for lack in lacks if lack.resource == TOTALS[0]]
    if OCCUPANCY not in drawn or not beds:
        return None
    bands = bands_of(drawn[OCCUPANCY], beds[0].short)
    assumption = inputs.assumptions[OCCUPANCY]
    return band_section(bands, assumption, beds[0].unit, beds[0].year, words) if bands else None


def evidence_sections(
    inputs: Inputs, base: Base, sample: Sample, words: Wording
) -> tuple[Section, ...]:
    """Set published figures beside those of a run, as far as the city has any."""
    checks, sources = checks_of(inputs, sample), read_sources(inputs.city.tables)
    sections = (
        check_section(checks, sources, words) if checks else None,
        misfit_section(misfits_table(inputs, base), inputs.city.base_year, words),
    )
    return tuple(section for section in sections if section is not None)
