"""Check a bureau's own counts of people against the scenario and against its single figures."""

from collections.abc import Iterator, Mapping

from params.axes import BASES, CITY
from params.city import City
from params.language import said
from params.scenario.evidence import LATE_DIGIT, last_counted
from params.scenario.faults import Fault, is_number, rows_at, table_at
from params.scenario.own_counts import KEY, Band, bands_of, counts_at
from params.scenario.places import district_names
from params.tables.figures import Group, groups_of


def own_count_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield what of a scenario's own counts cannot be."""
    seen: dict[tuple[object, object], int] = {}
    for i, one in counts_at(raw):
        where, year, basis = f"{KEY}[{i}]", one.get("year"), one.get("basis", "registered")
        if basis in BASES and basis not in city.bases:
            found = said(f"{basis} is not counted here", f"{basis}：本市无此口径")
            yield Fault(
                f"{where}.basis", found, said(" or ".join(city.bases), "或".join(city.bases))
            )
        if type(year) is int:
            yield from _year(where, year, raw, city)
            if seen.setdefault((year, basis), i) != i:
                found = said(f"{year} {basis} stands twice", f"{year} {basis} 重复")
                yield Fault(where, found, said("one table a year and basis", "每年每口径一张表"))
        yield from _shape(where, one)
        if type(year) is int and isinstance(basis, str):
            yield from _against_figures(where, one, (year, basis), raw, city)


def _year(where: str, year: int, raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    most = last_counted(raw, city)
    population = table_at(raw, "population")
    until = population.get("known_until")
    if year > city.base_year and population.get("growth") == "frozen":
        yield Fault(
            f"{where}.year",
            said(
                f"{year}, but population.growth = frozen", f"{year}，但 population.growth = frozen"
            ),
            said(
                f"{city.base_year}: people stay those of it", f"{city.base_year}：人口保持该年不变"
            ),
        )
    if not city.base_year <= year <= most:
        allowed = said(f"{city.base_year} to {most}", f"{city.base_year} 至 {most}")
        yield Fault(f"{where}.year", f"{year}", allowed)
    elif type(until) is int and year > until:
        yield Fault(
            f"{where}.year",
            said(
                f"{year}, after population.known_until = {until}",
                f"{year}，晚于 population.known_until = {until}",
            ),
            said(f"at most {until}", f"不晚于 {until}"),
            said("drop known_until, or the counts", "不写 known_until，或不写该表"),
        )


def _shape(where: str, one: Mapping[str, object]) -> Iterator[Fault]:
    """Refuse counts without people, ages that cannot be read, and rows of another length."""
    ages, rows = one.get("ages", ()), list(rows_at(one, "rows"))
    if not isinstance(ages, list | tuple):
        return  # which its own check says
    if not rows or not ages:
        found = said("no people", "没有人数")
        allowed = said('file = "register.csv"', 'file = "户籍.csv"')
        yield Fault(f"{where}.rows", found, allowed)
        return
    bands = bands_of(ages)
    if bands is None:
        yield Fault(f"{where}.ages", str(list(ages)), said("60-64, 63 or 85+", "60-64、63 或 85+"))
        return
    for k, row in rows:
        people = row.get("people")
        if isinstance(people, list | tuple) and len(people) != len(bands):
            allowed = said(f"{len(bands)}, one for each of ages", f"{len(bands)} 个，与 ages 对应")
            yield Fault(f"{where}.rows[{k}].people", f"{len(people)}", allowed)


def _against_figures(
    where: str,
    one: Mapping[str, object],
    about: tuple[int, str],
    raw: Mapping[str, object],
    city: City,
) -> Iterator[Fault]:
    """Refuse sums that differ from the bureau's own single figures of the same people."""
    ages = one.get("ages", ())
    bands = bands_of(ages) if isinstance(ages, list | tuple) else None
    for k, row in rows_at(table_at(raw, "population"), "evidence"):
        measure, value, area = row.get("measure"), row.get("value"), row.get("area", CITY)
        groups = groups_of(measure) if isinstance(measure, str) else None
        same = (row.get("year"), row.get("basis", "registered")) == about
        if (
            not same
            or not groups
            or groups[1]
            or groups[0].kind != "people"
            or not is_number(value)
        ):
            continue
        counted = _sum_of(one, bands or [], groups[0], str(area), district_names(city))
        if counted is not None and abs(counted - value) > LATE_DIGIT * value:
            yield Fault(
                where,
                said(
                    f"{area} {measure} of {about[0]} adds to {counted:,.0f}, "
                    f"but population.evidence[{k}] says {value:,.0f}",
                    f"{about[0]} 年 {area} {measure} 合计 {counted:,.0f}，"
                    f"而 population.evidence[{k}] 为 {value:,.0f}",
                ),
                said("sums that agree; nothing was kept", "两者一致；未予采用"),
                said("correct one, or leave the figure out", "请更正其一，或不写该数"),
            )


def _sum_of(
    one: Mapping[str, object], bands: list[Band], group: Group, area: str, names: tuple[str, ...]
) -> float | None:
    """Add up the people of a group, if the counts hold it whole."""
    inside = [
        k for k, b in enumerate(bands) if group.first_age <= b.first and b.last <= group.last_age
    ]
    firsts = {band.first for band in bands}
    ends = {band.last for band in bands}
    last = min(group.last_age, 100)
    if not inside or group.first_age not in firsts or last not in ends:
        return None
    total, found = 0.0, set()
    rows = [row for _, row in rows_at(one, "rows")]
    whole = any(row.get("district") == CITY for row in rows)
    for row in rows:
        place, sex, people = row.get("district"), row.get("sex"), row.get("people")
        wanted = place == area or (area == CITY and not whole)
        if not wanted or not isinstance(people, list | tuple) or len(people) != len(bands):
            continue
        if group.sex is not None and sex != ("male", "female")[group.sex]:
            if sex == "both":
                return None
            continue
        counted = [people[k] for k in inside if is_number(people[k])]
        if len(counted) < len(inside):
            return None  # a cell is no number, which its own check says
        total += sum(map(float, counted))
        found.add(place)
    complete = found == {area} or (area == CITY and found == set(names))
    return total if complete else None
