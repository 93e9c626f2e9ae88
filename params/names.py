"""Understand the Chinese names of resources and choices, where files and commands take ids."""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from params.errors import nearest

RESOURCE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "照护需求评估": "assessment",
        "居家照护": "home_care",
        "日间照护": "day_care",
        "家庭照护床位": "family_bed",
        "一般养老床位": "general_bed",
        "护理型床位": "nursing_bed",
        "认知障碍照护床位": "dementia_bed",
        "养老床位合计": "bed_total",
        "机构护理员": "care_worker_institution",
        "居家护理员": "care_worker_home",
    }
)
"""Names as our tables print them, each with its id."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "resident": ("常住",),
        "registered": ("户籍",),
        "projected": ("预测",),
        "frozen": ("保持不变", "冻结"),
        "plan": ("规划",),
        "rule-met": ("达到规划比例", "达标"),
        "as-built": ("实际建成", "历年公布"),
        "start": ("年初",),
        "half": ("年初年末各半", "年中"),
        "end": ("年末",),
        "held": ("保留床位",),
        "released": ("释放床位",),
        "in_turn": ("留给轮到的人", "按顺序"),
        "who_fits": ("照护得了者先",),
    }
)
"""What a scenario may choose, with the Chinese words that people write for it."""


def resource_id(name: object) -> object:
    """Return the id of a resource that is called by its Chinese name; anything else as it is."""
    return RESOURCE_NAMES.get(_plain(name), name) if isinstance(name, str) else name


def meant(word: str, ids: Iterable[str]) -> str:
    """Return advice naming the ids that a word stands for or is close to, or nothing."""
    known = list(ids)
    said = {name: key for name, key in RESOURCE_NAMES.items() if key in known}
    said |= {name: key for key in known for name in CHOICES.get(key, ())}
    plain = _plain(word)
    inside = [n for n in said if plain and (n in plain or plain in n)]
    close = inside or [n for n in said if nearest(plain, [n])]
    if not close:
        return nearest(word, known)
    named = " / ".join(f"{said[name]} ({name})" for name in close)
    return f"did you mean 是否指 {named}?"


def _plain(text: str) -> str:
    """Leave out spaces and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", text).split())
