"""Understand the Chinese names of resources and choices, where files and commands take ids."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from params.errors import did_you_mean, nearest

RESOURCES_FILE: Final = Path(__file__).parent / "reference" / "resources.csv"
ASKS_FILE: Final = RESOURCES_FILE.with_name("asks.csv")
TOTALS: Final = ("bed_total",)
"""Sums of resources that are reported beside them: the plan's count of beds."""
TIERS: Final[Mapping[str, str]] = MappingProxyType(
    {"basic_general_bed": "general_bed", "basic_nursing_bed": "nursing_bed"}
)
"""Kinds of 保基本 bed, there where a scenario has tiers, and the market kind that each is a tier of."""
CASES_BY_REASON: Final = ("assessment_first", "assessment_early", "assessment_renewal")
"""Assessments by why they are asked for, reported beside all of them; in the order of ledger reasons."""
ASSESSOR: Final = "assessor"
"""Who does assessments; what one costs is not what an assessment costs."""
ASSESSOR_ZH: Final = "评估员"
SUM_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "养老床位合计": "bed_total",
        "机构护理员": "care_worker_institution",
        "居家护理员": "care_worker_home",
        "首次评估": "assessment_first",
        "提前复评": "assessment_early",
        "到期复评": "assessment_renewal",
    }
)
"""Names of what is reported beside the resources."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "resident": ("常住",),
        "registered": ("户籍",),
        "projected": ("预测",),
        "frozen": ("保持不变", "冻结"),
        "plan": ("规划",),
        "by-need": ("按缺口", "按需"),
        "rule-met": ("达到规划比例", "达标"),
        "as-built": ("实际建成", "历年公布"),
        "start": ("年初",),
        "half": ("年初年末各半", "年中"),
        "end": ("年末",),
        "held": ("保留床位",),
        "released": ("释放床位",),
        "in_turn": ("留给轮到的人", "按顺序"),
        "who_fits": ("照护得了者先",),
        "by_vacancy": ("按空缺上岗", "全市统一招聘"),
        "in_place": ("各区同比例", "不流动"),
        "admissions_closed": ("暂停收住", "暂停接收"),
        "service_closed": ("服务暂停", "暂停服务"),
        "assessors": ("评估员减少", "评估暂停", "评估减半"),
        "workers_absent": ("护理员缺勤",),
        "deaths": ("死亡率上升", "死亡率升高"),
        "male": ("男",),
        "female": ("女",),
        "both": ("合计", "男女合计"),
        "first": ("首次", "首次评估"),
        "early": ("提前复评",),
        "renewal": ("到期复评",),
        "need": ("按需求", "按需要"),
        "equal": ("均分", "平均"),
    }
)
"""What a scenario may choose, with the Chinese words that people write for it."""


def resource_rows() -> tuple[Mapping[str, str], ...]:
    """Return the rows of ``resources.csv`` as text, without loading what reads tables."""
    return _rows(RESOURCES_FILE)


def ask_rows() -> tuple[Mapping[str, str], ...]:
    """Return the rows of ``asks.csv``, who asks for which resource, as text."""
    return _rows(ASKS_FILE)


@cache
def _rows(path: Path) -> tuple[Mapping[str, str], ...]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def resource_names() -> Mapping[str, str]:
    """Return the id of all that is reported by its Chinese name."""
    return {**{row["name_zh"]: row["resource"] for row in resource_rows()}, **SUM_NAMES}


@cache
def kinds_of_resource() -> Mapping[str, str]:
    """Return the kind of all that is reported: that of the table, ``total``, ``worker`` or ``cases``."""
    sums = {**dict.fromkeys(SUM_NAMES.values(), "worker"), **dict.fromkeys(TOTALS, "total")}
    sums |= dict.fromkeys(CASES_BY_REASON, "cases")
    return {**{row["resource"]: row["kind"] for row in resource_rows()}, **sums}


@cache
def units_of_resource() -> Mapping[str, str]:
    """Return the unit of demand and capacity of all that is reported."""
    units = {row["resource"]: row["unit"] for row in resource_rows()}
    units |= dict.fromkeys(SUM_NAMES.values(), "workers") | dict.fromkeys(TOTALS, "beds")
    return units | dict.fromkeys(CASES_BY_REASON, units["assessment"])


@cache
def target_days() -> Mapping[str, float]:
    """Return the days within which a request of each resource is due; of assessment working days."""
    return {row["resource"]: float(row["target_days"]) for row in resource_rows()}


def bed_ids() -> tuple[str, ...]:
    """Return the ids of beds in institutions."""
    return tuple(row["resource"] for row in resource_rows() if row["kind"] == "institution")


def place_ids() -> tuple[str, ...]:
    """Return the ids of resources whose places are laid down for the city and shared by its districts."""
    return tuple(row["resource"] for row in resource_rows() if row["places_first"])


def members_of(total: str) -> tuple[str, ...]:
    """Return the ids of the resources that add to a total."""
    return tuple(row["resource"] for row in resource_rows() if row["total"] == total)


def waited_ids() -> tuple[str, ...]:
    """Return the ids of what people wait for: resources and their sums."""
    return (*(row["resource"] for row in resource_rows()), *TOTALS)


def costed_ids() -> tuple[str, ...]:
    """Return the ids of what can have a unit cost: resources, care workers, assessors."""
    kinds = kinds_of_resource()
    counted = (name for name, kind in kinds.items() if kind not in ("assessment", "total", "cases"))
    return (*counted, ASSESSOR)


def costed_id(name: object) -> object:
    """Return the id of what has a unit cost, as `resource_id` does."""
    return ASSESSOR if name == ASSESSOR_ZH else resource_id(name)


def optional_ids() -> tuple[str, ...]:
    """Return the ids of resources that a scenario has to turn on."""
    off = (row["resource"] for row in resource_rows() if row["on"] == "0")
    return tuple(id_ for id_ in off if id_ not in TIERS)


def resource_id(name: object) -> object:
    """Return the id of a resource that is called by its Chinese name; anything else as it is."""
    return resource_names().get(_plain(name), name) if isinstance(name, str) else name


def chosen(word: object) -> object:
    """Return the choice that a Chinese word stands for; anything else as it is."""
    plain = _plain(word) if isinstance(word, str) else word
    return next((key for key, words in CHOICES.items() if plain in words), word)


def choice_of(word: str, ids: Iterable[str]) -> str:
    """Return that of some ids for which a Chinese word stands; any other word as it is."""
    plain, names = _plain(word), resource_names()
    stands_for = (i for i in ids if plain in CHOICES.get(i, ()) or names.get(plain) == i)
    return next(stands_for, word)


def services() -> tuple[str, ...]:
    """Return the ids of all that people live in or are given at home: everything but assessments."""
    return tuple(row["resource"] for row in resource_rows() if row["kind"] != "assessment")


def meant(word: str, ids: Iterable[str]) -> str:
    """Return advice naming the ids that a word stands for or is close to, or nothing."""
    known = list(ids)
    stands_for = {name: key for name, key in resource_names().items() if key in known}
    stands_for |= {name: key for key in known for name in CHOICES.get(key, ())}
    plain = _plain(word)
    inside = [n for n in stands_for if plain and (n in plain or plain in n)]
    alike = [n for n in stands_for if n not in inside and nearest(plain, [n])]
    close = [*inside, *alike[: max(0, 3 - len(inside))]]
    if not close:
        return nearest(word, known)
    first = {stands_for[name]: name for name in reversed(close)}  # each once, by its nearest word
    return did_you_mean(f"{id_} ({name})" for id_, name in reversed(first.items()))


def _plain(text: str) -> str:
    """Leave out spaces and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", text).split())
