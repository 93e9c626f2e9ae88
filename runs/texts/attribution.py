"""What texts and figures of an attribution must know of the question."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """Between what a difference lies, and of what it is shown.

    Attributes
    ----------
    scenario, other : names; `other` is empty where the years of one scenario are split.
    first, year : the two years; of two scenarios both are the one compared.
    area : kind and name.
    resource : shown alone; None: all that are judged.
    """

    scenario: str
    other: str
    first: int
    year: int
    area: tuple[str, str]
    resource: str | None

    @property
    def ends(self) -> dict[str, object]:
        """What fills the braces of texts."""
        second = self.other or self.scenario
        years = {"first": self.first, "year": self.year}
        return {**years, "against": self.scenario, "scenario": second}

    @property
    def kind(self) -> str:
        """With what the keys of its texts begin."""
        return "scenarios" if self.other else "years"
