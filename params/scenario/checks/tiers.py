"""Check what a scenario says of tiers of beds, and which kinds of bed are not there."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from params.language import said
from params.names import TIERS, resource_id
from params.scenario.faults import Fault, is_number, rows_at, table_at, twice
from params.scenario.places import halfwidth

CONDITIONS: Final = ("least_level", "most_level", "alone", "hardship")
Row = Mapping[str, object]


def tier_faults(raw: Row) -> Iterator[Fault]:
    """Yield values without tiers, tiers of other beds, and prices or incomes that say nothing."""
    tiers = table_at(raw, "tiers")
    if "share" not in tiers:
        return  # nobody knows: a file that could not be read may say it
    if tiers["share"] is None:
        for key in ("shares", "who", "keep_free", "prices", "income"):
            if tiers.get(key):
                yield Fault(
                    f"tiers.{key}",
                    said("no tiers", "没有分档"),
                    said("only with tiers.share", "须与 tiers.share 同用"),
                    said("set tiers.share or drop it", "请写 tiers.share 或删去"),
                )
        return
    parted = list(TIERS.values())
    seen: dict[object, int] = {}
    for i, row in rows_at(tiers, "shares"):
        kind, district = resource_id(row.get("resource")), halfwidth(str(row.get("district")))
        if kind is not None and kind not in parted:
            yield Fault(f"tiers.shares[{i}].resource", str(kind), ", ".join(parted))
        first = seen.setdefault((district, kind), i)
        if first != i:
            allowed = said("one share for a kind and place", "每类床位每个区域一项")
            places = f"tiers.shares[{i}]", f"tiers.shares[{first}]"
            yield twice(*places, district if kind is None else f"{district} {kind}", allowed)
    policy_share = table_at(raw, "policy").get("hardship_share")
    for i, row in rows_at(tiers, "who"):
        yield from who_faults(f"tiers.who[{i}]", row, policy_share)
    if tiers.get("keep_free") and not tiers.get("who"):
        found = said("everybody may ask: none is lent", "人人可申请，不会出借")
        allowed = said("only with tiers.who", "须与 tiers.who 同用")
        yield Fault("tiers.keep_free", found, allowed, said("drop it", "请删除此项"))
    yield from _price_faults(tiers, (*parted, *TIERS))


def who_faults(where: str, row: Row, hardship_share: object) -> Iterator[Fault]:
    """Yield conditions that everybody or nobody meets."""
    if all(row.get(key) is None for key in CONDITIONS):
        keys = ", ".join(CONDITIONS)
        found = said("admits everybody", "所有人都可入住")
        yield Fault(where, found, said(f"one of {keys}", f"至少写一项条件：{keys}"))
    least, most = row.get("least_level"), row.get("most_level")
    if type(least) is int and type(most) is int and least > most:
        found = said(f"{most}: nobody is admitted", f"{most}：无人可入住")
        allowed = said(f"at least least_level = {least}", f"不低于 least_level = {least}")
        yield Fault(f"{where}.most_level", found, allowed)
    if row.get("hardship") is True and is_number(hardship_share) and hardship_share == 0:
        yield Fault(
            f"{where}.hardship",
            said("nobody is in hardship", "没有困难老人"),
            said("policy.hardship_share above 0", "policy.hardship_share 大于 0"),
            said("set policy.hardship_share", "请设定困难老人比例"),
        )


def _price_faults(tiers: Row, kinds: tuple[str, ...]) -> Iterator[Fault]:
    for key, other in (("prices", "income"), ("income", "prices")):
        if tiers.get(key) and other in tiers and not tiers[other]:
            yield Fault(
                f"tiers.{key}",
                said(f"without tiers.{other} nothing reads it", f"没有 tiers.{other}，不起作用"),
                said("both or none", "两项须同时给出"),
            )
    seen: dict[object, int] = {}
    for i, row in rows_at(tiers, "prices"):
        kind = resource_id(row.get("resource"))
        if kind not in kinds:
            yield Fault(f"tiers.prices[{i}].resource", str(kind), ", ".join(kinds))
        first = seen.setdefault(kind, i)
        if first != i:
            places = f"tiers.prices[{i}].resource", f"tiers.prices[{first}].resource"
            yield twice(*places, str(kind), said("one price a kind", "每类一个价格"))
    rows = list(rows_at(tiers, "income"))
    for (_, before), (i, row) in pairwise(rows):
        for key in ("below", "share"):
            low, high = before.get(key), row.get(key)
            if is_number(low) and is_number(high) and high <= low:
                yield Fault(
                    f"tiers.income[{i}].{key}",
                    f"{high}",
                    said(f"above {low} of the line before", f"大于上一行的 {low}"),
                )
