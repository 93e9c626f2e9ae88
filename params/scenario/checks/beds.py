"""Check what a scenario says of beds against itself."""

from collections.abc import Iterator, Mapping

from params.city import City
from params.language import said
from params.names import resource_id
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, is_number, rows_at, table_at
from params.scenario.places import district_names


def bed_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Yield contradictions between totals of beds."""
    beds = table_at(raw, "beds")
    if beds.get("total_2020") == 0:
        found = said("0: no base to start from", "0，没有可起步的床位")
        yield Fault("beds.total_2020", found, said("at least 1", "至少为1"))
    for all_beds, some in (("total_2020", "dementia_2020"), ("total_2025", "dementia_2025")):
        total, part = beds.get(all_beds), beds.get(some)
        # Exactly int: true and false are not numbers of beds.
        if type(total) is int and type(part) is int and part > total >= 0:
            whole = f"beds.{all_beds} = {total}"
            yield Fault(f"beds.{some}", str(part), said(f"at most {whole}", f"不超过 {whole}"))
    total, part, share = (
        beds.get(key) for key in ("total_2025", "dementia_2025", "nursing_share_2025")
    )
    if beds.get("path", "plan") not in ("plan", "by-need"):
        share = None  # nothing reads it
    if type(total) is int and type(part) is int and is_number(share) and 0 <= share <= 1:
        most = int(total * share)
        if most < part <= total:
            advice = said(
                "raise nursing_share_2025, or plan fewer",
                "提高护理型占比 nursing_share_2025，或减少认知障碍床位",
            )
            allowed = said(
                f"at most {most}: dementia units are nursing-type beds",
                f"不超过 {most}：认知障碍床位属护理型床位",
            )
            yield Fault("beds.dementia_2025", str(part), allowed, advice)
    yield from _whole_city_faults(beds)


def _whole_city_faults(beds: Mapping[str, object]) -> Iterator[Fault]:
    """Refuse more beds for the whole city than the city has; which of them lie right is seen later."""
    some, path = beds.get("whole_city_beds"), beds.get("path", "plan")
    key = {"plan": "total_2025", "by-need": "total_2025", "frozen": "total_2020"}.get(str(path))
    total = beds.get(key) if key else None
    if type(some) is not int or type(total) is not int or beds.get("whole_city_all_new_towns"):
        return
    if some > total >= 0:
        most = f"beds.{key} = {total}"
        yield Fault("beds.whole_city_beds", str(some), said(f"at most {most}", f"不超过 {most}"))


def bed_change_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield openings and closures that say nothing, or what they may not."""
    beds = table_at(raw, "beds")
    for i, row in rows_at(beds, "changes"):
        if row.get("beds") == 0:
            allowed = said("a number above or below 0", "不为0的数")
            yield Fault(f"beds.changes[{i}].beds", "0", allowed)
        share, district = row.get("share"), row.get("district")
        if share is not None and district in district_names(city):
            yield Fault(
                f"beds.changes[{i}].share",
                said(
                    f"{share}, but {district} is one district",
                    f"{share}，但{district}只是一个区，无从分配",
                ),
                said(
                    "nothing here, or a zone or 全市 as district",
                    "此处不写，或 district 写片区或全市",
                ),
            )
    off = resources_off(raw)
    for i, row in rows_at(beds, "changes"):
        yield from off_faults(off, f"beds.changes[{i}].resource", resource_id(row.get("resource")))
