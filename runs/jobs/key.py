"""Say what makes two runs the same: values, seed, tables, code and libraries, and no name."""

import hashlib
import json
import platform
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from params.city import FILE, REFERENCE, City, read_city

PACKAGES: Final = ("forecast", "simulate", "params")
LIBRARIES: Final = ("numpy", "scipy", "numba", "pandas")
"""Libraries whose versions may move a figure's last digits."""


@dataclass(frozen=True)
class RunKey:
    """What makes two runs the same; not how many replications, nor what anything is called."""

    scenario: str
    """Its name, for people."""
    values: str
    """Text of everything that it states (`params.scenario.identity`)."""
    seed: int
    fixed_parameters: bool
    kind: str = "city"
    """What was simulated: the city, or a network that the scenario brought."""
    resources: tuple[str, ...] = ()
    """Resources that the scenario turned on."""
    city: City | None = None
    """The city; the packaged one if none is named."""

    @property
    def digest(self) -> str:
        """Return the run's id."""
        parts = [
            self.values,
            str(self.seed),
            str(self.fixed_parameters),
            tables_digest(self.city),
            code_digest(),
            json.dumps(libraries()),
        ]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def tables_digest(city: City | None = None) -> str:
    """Return a digest of a city: what it is, and every table that its numbers are made from."""
    city = city or read_city()
    tables = [p for folder in (city.tables, REFERENCE) for p in sorted(folder.glob("*.csv"))]
    return _digest([city.folder / FILE, *tables])


@cache
def code_digest() -> str:
    """Return a digest of the code that makes numbers."""
    return _digest(code_sources())


def code_sources() -> list[Path]:
    """Return every file that makes numbers; the reference model checks them and makes none."""
    root = Path(__file__).parents[2]
    sources = (p for name in PACKAGES for p in (root / name).rglob("*.py"))
    return sorted(p for p in sources if p.parent.name != "reference")


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that numbers are made with."""
    return {name: version(name) for name in LIBRARIES}


def _digest(paths: list[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        digest.update(path.name.encode())
        # A checkout with other line ends is the same input.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def environment() -> dict[str, object]:
    """Return versions and platform for the manifest."""
    return {
        "yanglao": version("yanglao"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": libraries(),
    }
