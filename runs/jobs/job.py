"""What is run again and again: one replication of a city or of an own network."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from forecast.base.base import Base
from params.inputs import Inputs
from params.network.model import LoadedNetwork
from runs.jobs.task import Task as Task
from simulate.arrays import Arrays
from simulate.city.observe import simulate_one, simulate_setting
from simulate.city.setting import Setting
from simulate.network.layout import Network, lay_out
from simulate.network.outcome import NetworkOutcome, simulate_network
from simulate.outcome import Outcome

Said = TypeVar("Said", bound=Arrays, covariant=True)


class Job(Protocol[Said]):
    """Everything about replications but their numbers."""

    @property
    def outcome(self) -> type[Said]:
        """Type of what a replication gives."""

    def draw(self, replication: int) -> int:
        """Return which draw of the assumptions a replication has."""

    def run(self, replication: int) -> Said:
        """Do one replication."""

    def warm_up(self) -> None:
        """Compile what is slow to compile."""


@dataclass(frozen=True)
class CityJob:
    """A city's replications."""

    inputs: Inputs
    base: Base
    seed: int
    setting: Setting | None = None
    """What every replication starts from, if the parameters are fixed; otherwise each has its own."""
    outcome: type[Outcome] = Outcome

    def draw(self, replication: int) -> int:
        """Return its own number, or the one draw of fixed parameters."""
        return replication if self.setting is None else 0

    def run(self, replication: int) -> Outcome:
        """Simulate once; with drawn parameters forecast before."""
        if self.setting is not None:
            return simulate_setting(self.setting, self.seed, replication)
        return simulate_one(self.inputs, self.base, self.seed, replication)

    def warm_up(self) -> None:
        """Compile the kernels."""
        from simulate.city.warm_up import warm_up

        warm_up(self.inputs, self.base)


@dataclass(frozen=True)
class NetworkJob:
    """An own network's replications."""

    loaded: LoadedNetwork
    seed: int
    outcome: type[NetworkOutcome] = NetworkOutcome

    @cached_property
    def network(self) -> Network:
        """The network laid out."""
        return lay_out(self.loaded.plan)

    def draw(self, replication: int) -> int:  # noqa: ARG002
        """Return the one draw there is: a network has no assumptions."""
        return 0

    def run(self, replication: int) -> NetworkOutcome:
        """Simulate once."""
        return simulate_network(self.network, self.seed, replication)

    def warm_up(self) -> None:
        """Compile the kernels."""
        simulate_network(self.network, self.seed, 0)
