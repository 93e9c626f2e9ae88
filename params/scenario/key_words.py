"""Know which tables and keys people mean who write them in Chinese.

A key's own description ends in Chinese, which is what an editor shows: a word is held against that.
"""

import re
from collections import Counter
from typing import Final

from pydantic import BaseModel

TABLES: Final = {
    "年限": "horizon",
    "期限": "horizon",
    "模拟期": "horizon",
    "人口": "population",
    "床位": "beds",
    "养老床位": "beds",
    "护理员": "workers",
    "护理人员": "workers",
    "人员": "workers",
    "员工": "workers",
    "评估": "assessors",
    "评估员": "assessors",
    "政策": "policy",
    "规则": "policy",
    "资源": "resources",
    "服务目标": "service_target",
    "目标": "service_target",
    "假定": "assumptions",
    "假设": "assumptions",
    "参数": "assumptions",
    "继承": "extends",
    "名称": "name",
    "标题": "title_zh",
    "说明": "description",
    "网络": "network",
}
"""Chinese words for the tables of a scenario and the keys at its top."""
_CHINESE: Final = re.compile(r"[0-9]*[一-鿿][0-9一-鿿]*")
ENOUGH: Final = 0.6
"""Share of a word's signs that a description must have for the key to be meant."""
MOST: Final = 3


def keys_meant(word: str, table: type[BaseModel] | None) -> list[str]:
    """Return the keys of a table that a Chinese word may stand for, the likeliest first."""
    fields = table.model_fields if table else {}
    if (named := TABLES.get(word)) in fields or named == "extends":
        return [str(named)]
    scores = {
        key: _likeness(word, field.description or "")
        for key, field in fields.items()
        if not key.endswith("_replace")
    }
    best = max(scores.values(), default=0.0)
    if best < ENOUGH:
        inside = [id_ for name, id_ in TABLES.items() if name in word and id_ in fields]
        return list(dict.fromkeys(inside))[:1]
    return [key for key, score in scores.items() if score > best - 0.01][:MOST]


def _likeness(word: str, description: str) -> float:
    """Return the share of a word's signs that the Chinese part of a description has."""
    signs, said = Counter(word), Counter("".join(_CHINESE.findall(description)))
    return sum((signs & said).values()) / max(len(word), 1)
