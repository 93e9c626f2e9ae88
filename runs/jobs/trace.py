"""Write the event log of one replication and tell one person's way from it."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from params.errors import ParamError, Problem, span
from params.files.toml_file import shown
from params.language import LANGUAGES, said
from runs.texts.wording import Wording, read_packaged, wording
from runs.write import whole_file
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.log import EVENTS, LANES, NOBODY
from simulate.engine.records import N_KIND, OUTCOMES
from simulate.network.layout import Network
from simulate.network.run import run_network

REPLICATION: Final = 0
MARK: Final = b"yanglao"
KINDS: Final = ("insured", "uninsured", "self-caring", "below 2")
SEXES: Final = ("male", "female")
PERSON_FIELDS: Final = ("kind", "district", "sex", "birth_year", "alone")
ROWS_A_GROUP: Final = 1 << 18


def write_log(setting: Setting, seed: int, path: Path) -> tuple[int, int]:
    """Run replication 0 of a city once more and write its event log; return entries and people."""
    run = run_replication(setting, seed, REPLICATION, log=True)
    save_log(run, setting, setting.inputs.scenario.name, seed, path)
    return run.log.size, run.people.size


def save_log(run: Run, setting: Setting, scenario: str, seed: int, path: Path) -> None:
    """Write a log as a Parquet table: one row an entry, people's traits beside it."""
    facts = {
        "scenario": scenario,
        "seed": seed,
        "start": setting.calendar.start.isoformat(),
        "districts": setting.inputs.districts.names,
        "resources": setting.inputs.resources.names,
        "people": run.people.size,
    }
    _save(run.log, run.people, facts, path)


def write_network_log(network: Network, name: str, seed: int, path: Path) -> tuple[int, int]:
    """Run replication 0 of an own network once more and write its event log."""
    plan = network.plan
    run = run_network(network, seed, REPLICATION, log=True)
    facts = {
        "scenario": name,
        "seed": seed,
        "start": network.start.isoformat(),
        "districts": plan.districts,
        "pools": [pool.name for pool in plan.pools],
        "stages": [stage.name for stage in plan.stages],
        "people": run.people.size,
    }
    _save(run.log, run.people, facts, path)
    return run.log.size, run.people.size


def _save(
    log: NDArray[np.void], people: NDArray[np.void], facts: Mapping[str, Any], path: Path
) -> None:
    """Write entries as columns, with the traits of whoever each is about."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    named = np.maximum(log["person"], 0)
    columns: dict[str, Any] = {
        name: log[name] for name in ("time", "person", "lane", "pool", "mark", "amount")
    }
    columns["event"] = pa.DictionaryArray.from_arrays(log["event"], list(EVENTS))
    for name in PERSON_FIELDS:
        columns[f"person_{name}"] = np.asarray(people[name])[named]
    table = pa.table(columns).replace_schema_metadata({MARK: json.dumps(facts)})
    with whole_file(path) as part:
        pq.write_table(table, part, row_group_size=ROWS_A_GROUP)


def trace(path: Path, person: int, lang: str) -> str:
    """Tell what happened to one person of a log, a line an entry.

    Raises
    ------
    ParamError
        If the file is no event log, or nobody in it has the number.
    """
    try:
        return _told(path, person, lang)
    except ParamError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # pyarrow and json have errors of their own for every kind of damage
        raise ParamError(
            Problem(
                shown(path),
                said(
                    "is not an event log of yanglao, or damaged",
                    "不是 yanglao 的事件日志，或已损坏",
                ),
                said(
                    "a file written by `yanglao run SCENARIO --log FILE`",
                    "yanglao run 情景 --log 文件 写出的文件",
                ),
                "yanglao run baseline --replications 1 --log baseline.parquet",
            )
        ) from error


def _told(path: Path, person: int, lang: str) -> str:
    import pyarrow.parquet as pq

    facts = json.loads((pq.read_schema(path).metadata or {})[MARK])
    if not 0 <= person < facts["people"]:
        raise ParamError(
            Problem(
                said(f"person {person}", f"人员 {person}"),
                said("is not in the log", "日志中没有此人"),
                span(0, facts["people"] - 1),
            )
        )
    rows = pq.read_table(path, filters=[("person", "=", person)]).to_pylist()
    start = datetime.fromisoformat(facts["start"])
    teller = Teller(lang, facts["districts"], start, facts.get("resources", []))
    if "stages" in facts:
        teller = GuestTeller(lang, facts["districts"], start, facts["pools"], facts["stages"])
    if not rows:
        return teller.say("person", "nothing", number=person)
    return "\n".join([teller.head(person, rows[0]), *(teller.line(row) for row in rows)])


class Teller:
    """Says entries of a log in one language."""

    def __init__(
        self, lang: str, districts: list[str], start: datetime, resources: list[str]
    ) -> None:
        at = LANGUAGES.index(lang)
        table = tomllib.loads(read_packaged("trace.toml"))
        self.texts: dict[str, dict[str, str]] = {
            s: {k: pair[at] for k, pair in t.items()} for s, t in table.items()
        }
        self.words: Wording = wording(lang)
        self.districts, self.start, self.resources = districts, start, resources

    def say(self, section: str, key: str, **values: object) -> str:
        """Return a text with its braces filled in."""
        return self.texts[section][key].format(**values)

    def head(self, number: int, row: Mapping[str, Any]) -> str:
        """Say who somebody is."""
        year = row["person_birth_year"]
        return self.say(
            "person",
            "head",
            number=number,
            sex=self.say("person", SEXES[row["person_sex"]]),
            birth=self.say("person", "born" if year else "unknown", year=year),
            alone=self.say("person", "alone" if row["person_alone"] else "together"),
            district=self.district(row["person_district"]),
            kind=self.say("person", KINDS[row["person_kind"]]),
        )

    def line(self, row: Mapping[str, Any]) -> str:
        """Say one entry."""
        district, resource = divmod(max(row["pool"], 0) // N_KIND, max(len(self.resources), 1))
        moment = self.start + timedelta(seconds=row["time"])
        told = self.say(
            "event",
            row["event"],
            level=self.level(row["mark"], row["amount"]),
            rank=row["mark"],
            hours=f"{row['amount'] / 100:g}",
            outcome=self.say("outcome", OUTCOMES[max(row["mark"], 0) % len(OUTCOMES)]),
            lane=self.say("lane", LANES[row["lane"]]) if row["lane"] != NOBODY else "",
            district=self.district(district),
            resource=self.words.name("resource", self.resources[resource])
            if self.resources
            else "",
        )
        return f"{moment:%Y-%m-%d %H:%M:%S}  {told}"

    def district(self, number: int) -> str:
        """Return a district's name."""
        return self.words.name("area", self.districts[number])

    def level(self, level: int, dementia: int) -> str:
        """Say a level of need."""
        known = self.say("person", "need" if level >= 2 else "no_level", level=level)
        return self.say("person", "dementia", level=known) if dementia == 1 else known


class GuestTeller(Teller):
    """Says entries about the guests of an own network, with the names of its pools and stages."""

    def __init__(
        self, lang: str, districts: list[str], start: datetime, pools: list[str], stages: list[str]
    ) -> None:
        super().__init__(lang, districts, start, [])
        self.pools, self.stages = pools, stages

    def head(self, number: int, row: Mapping[str, Any]) -> str:
        """Say where somebody comes from."""
        return self.say(
            "guest", "head", number=number, district=self.district(row["person_district"])
        )

    def line(self, row: Mapping[str, Any]) -> str:
        """Say one entry."""
        moment = self.start + timedelta(seconds=row["time"])
        told = self.say(
            "guest",
            row["event"],
            rank=row["mark"] + 1,
            pool=self.pools[max(row["pool"], 0)],
            stage=self.stages[row["amount"] % len(self.stages)],
            outcome=self.say("outcome", OUTCOMES[max(row["mark"], 0) % len(OUTCOMES)]),
        )
        return f"{moment:%Y-%m-%d %H:%M:%S}  {told}"
