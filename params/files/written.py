"""Understand dates and numbers as people and spreadsheets write them."""

import calendar
import datetime as dt
import re
import unicodedata
from typing import Final

from params.language import said

_DATE: Final = re.compile(
    r"^['\"]?(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(?:(\d{1,2})\s*[日号]?)?)?['\"]?$"
)
_GROUPED: Final = re.compile(r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_UNIT: Final = re.compile(
    r"^([-+]?\d+(?:\.\d+)?)\s*(万|亿|千|百)?\s*(张|人|天|日|年|个|元|床|岁|名)?$"
)
_TIMES: Final = {"万": 10_000, "亿": 100_000_000, "千": 1000, "百": 100}


def date_meant(value: object) -> str:
    """Return the date that a text may mean, as TOML writes it; none: an empty text."""
    match = _DATE.match(unicodedata.normalize("NFKC", str(value)).strip())
    if match is None:
        return ""
    month, day = int(match[2]), int(match[3] or 1)
    try:
        return dt.date(int(match[1]), month, day).isoformat()
    except ValueError:
        return ""  # a day that no calendar has


def day_never(value: object) -> tuple[str, str] | None:
    """Say what is allowed and what to do of a date that no calendar has; none: it is no such date."""
    match = _DATE.match(unicodedata.normalize("NFKC", str(value)).strip())
    if match is None or date_meant(value):
        return None
    year, month = int(match[1]), int(match[2])
    allowed = said("a date: 2023-07-01", "日期，如 2023-07-01")
    if not 1 <= month <= 12 or year < 1:
        return allowed, said(
            "months go from 1 to 12: year, month, day", "月份为1至12，依次写年、月、日"
        )
    last = calendar.monthrange(year, month)[1]
    return allowed, said(f"{year}-{month:02} has {last} days", f"{year}年{month}月只有{last}天")


def number_meant(value: object) -> str:
    """Return the number that a text such as 17.8万 or 10,000 may mean; none: an empty text."""
    plain = unicodedata.normalize("NFKC", str(value)).strip().strip("\"'").strip()
    if number := grouped(plain):
        return number
    match = _UNIT.match(plain)
    if match is None or len(plain) > 30:
        return ""
    return f"{float(match[1]) * _TIMES.get(match[2] or '', 1):.10g}"


def grouped(text: str) -> str:
    """Return a number with thousands separators without them; none: an empty text."""
    return text.replace(",", "") if _GROUPED.match(text) else ""


def share_words(percent: float) -> tuple[str, str]:
    """Say what is allowed and what to write for a share given in percent."""
    share = f"{percent / 100:g}"
    return (
        said("a share between 0 and 1", "0到1之间的小数"),
        said(f"write {share} for {percent:g} %", f"{percent:g}% 请写 {share}"),
    )
