"""What must hold in every finished replication, whatever the scenario.

Everything is recounted from the ledger in plain numpy and, where the event loop kept a count of its
own, compared with that. `Scene.rows` leaves out what ended in the warm-up, as the ledger does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from params.axes import HOME_CARE
from params.tables.resources import Resources
from simulate.city.event_days import event_days
from simulate.city.monthly import monthly_measures
from simulate.city.observe import city_frame
from simulate.city.replication import Run, work_of
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, CityWorld
from simulate.engine.records import (
    ASSESS,
    BED,
    CHANGED,
    DIED,
    IDLE,
    N_KIND,
    N_LANE,
    NEVER,
    ON_WARD,
    OPEN,
    RETURNED,
    SELF_CARING,
    SERVED,
    TURNED_AWAY,
    WAITING,
    WITHDRAWN,
    lane_states,
)
from simulate.measure.measures import OCCUPIED, PLACED, WAITING_NOW, Measures, measure
from simulate.outcome import MONTHLY_MEASURES


@dataclass(frozen=True)
class Scene:
    """A setting and what its replication left behind."""

    city: Setting
    world: CityWorld

    @cached_property
    def rows(self) -> np.ndarray:
        ledger = np.asarray(self.world.ledger)[: self.world.state.n_rows]
        return ledger[ledger["person"] >= 0]

    @cached_property
    def spells(self) -> np.ndarray:
        """The rows as times of waiting and service that follow one another.

        A request whose size changed while it waited tells what came of it, but waits in the rows that
        carry it on.
        """
        ledger = np.asarray(self.world.ledger)[: self.world.state.n_rows].copy()
        # The latest first: in the end each request stops where it was carried on first.
        for row in np.sort(ledger[carried_on(ledger)], order="request")[::-1]:
            asked = ledger[row["first"]]
            asked["end"], asked["start"], asked["dest"] = row["request"], NEVER, -1
            asked["outcome"] = CHANGED
            ledger[row["first"]] = asked
        return ledger[ledger["person"] >= 0]

    @property
    def times(self) -> np.ndarray:
        """First seconds of the months from the release on; the last is the end of the run."""
        return self.city.calendar.month_start

    @property
    def n_district(self) -> int:
        return len(self.city.inputs.districts)

    @property
    def resources(self) -> Resources:
        return self.city.inputs.resources

    @property
    def n_resource(self) -> int:
        return len(self.resources)

    @cached_property
    def measures(self) -> Measures:
        return measure(self.world.ledger[: self.world.state.n_rows], city_frame(self.city))

    @property
    def run(self) -> Run:
        w = self.world
        return Run(
            ledger=w.ledger[: w.state.n_rows],
            people=w.people,
            **work_of(w),
            residents=w.residents,
            benefits_at=w.benefits_at,
            n_event=int(w.state.handled),
            held_seconds=int(w.tally.held_seconds),
            release=self.city.calendar.release,
        )


def carried_on(rows: np.ndarray) -> np.ndarray:
    """Say which rows carry on a request that still waited."""
    return (rows["person"] >= 0) & (rows["follows"] == 1) & (rows["request"] < rows["start"])


def counts_at(moments: np.ndarray, cell: np.ndarray, n_cell: int, times: np.ndarray) -> np.ndarray:
    """Count moments at or before each time, shape (time, cell)."""
    bins = np.searchsorted(times, moments, side="left")
    table = np.zeros((times.size + 1, n_cell), np.int64)
    np.add.at(table, (bins, cell), 1)
    return table.cumsum(axis=0)[:-1]


def rows_are_in_order(scene: Scene) -> None:
    rows = scene.rows
    served = rows["start"] < NEVER
    assert (rows["request"] <= np.minimum(rows["start"], rows["end"])).all()
    assert (rows["start"] <= rows["end"])[served].all()
    assert (rows["request"] <= rows["want_end"]).all()
    assert ((rows["dest"] >= 0) == served).all()
    assert ((rows["outcome"] == OPEN) == (rows["end"] == NEVER)).all()
    assert (rows["request"] < scene.city.calendar.end).all()


def people_are_conserved(scene: Scene) -> None:
    """Opening + requests = waiting + served + ended, by month, district of residence and resource."""
    rows, times = scene.spells, scene.times
    n_cell = scene.n_district * scene.n_resource
    cell = rows["origin"].astype(np.int64) * scene.n_resource + rows["resource"]
    first_end = np.minimum(rows["start"], rows["end"])
    asked = counts_at(rows["request"], cell, n_cell, times)
    waiting = asked - counts_at(first_end, cell, n_cell, times)
    placed = rows["start"] < NEVER
    served = counts_at(rows["start"][placed], cell[placed], n_cell, times)
    served -= counts_at(rows["end"][placed], cell[placed], n_cell, times)
    closed = rows["outcome"] != OPEN
    ended = counts_at(rows["end"][closed], cell[closed], n_cell, times)
    assert (waiting >= 0).all()
    assert (served >= 0).all()
    new, gone = np.diff(asked, axis=0), np.diff(ended, axis=0)
    assert (waiting[:-1] + served[:-1] + new == waiting[1:] + served[1:] + gone).all()


def the_ledger_agrees_with_the_lanes(scene: Scene) -> None:
    """Whoever waits or is served at the end does so in one open row of the ledger, and nobody else."""
    rows, lanes = scene.spells, scene.world.lanes[:, :N_LANE]
    open_rows = rows["end"] == NEVER
    waiting = open_rows & (rows["start"] == NEVER)
    state = lane_states(scene.world.people)
    assert (np.asarray(lanes["row"])[(state == WAITING) | (state == SERVED)] >= 0).all()
    # A case in the hands of an assessor is not done yet: its row still waits for the result.
    in_hand = (state[:, ASSESS] == SERVED).sum()
    assert waiting.sum() == (state == WAITING).sum() + in_hand
    assert (open_rows & ~waiting).sum() == (state[:, :ASSESS] == SERVED).sum()


def lists_hold_the_waiting(scene: Scene) -> None:
    """Every waiting lane stands in a list, nobody else does, and no node is lost."""
    w = scene.world
    state, node = lane_states(w.people), np.asarray(w.lanes["node"])[:, :N_LANE]
    assert ((node >= 0) == (state == WAITING)).all()
    in_lists = 0
    for head in np.asarray(w.head)[np.asarray(w.head) >= 0]:
        k = int(head)
        while k >= 0:
            in_lists += 1
            assert in_lists <= w.nodes.size, "a list runs in a circle"
            k = int(w.nodes["next"][k])
    assert in_lists == w.state.n_nodes - w.state.n_free_nodes


def nobody_overlaps_themselves(scene: Scene) -> None:
    """Nobody holds two beds at once, nor waits twice, or waits and is served, in one lane."""
    rows = scene.spells
    beds = rows["resource"] >= scene.resources.first_bed
    held = beds & (rows["start"] < NEVER)
    _no_overlap(rows[held]["person"], rows[held]["start"], rows[held]["end"])
    stop = np.minimum(rows["start"], rows["end"])
    lane_of = rows["person"].astype(np.int64) * 16 + rows["lane"]
    _no_overlap(lane_of, rows["request"], stop)
    other = ~beds
    _no_overlap(lane_of[other], rows["request"][other], rows["end"][other])
    # The bed lane: waiting for a first bed ends where any bed is held.
    first = beds & (rows["lane"] == BED)
    begin = np.concatenate([rows["request"][first], rows["start"][held]])
    end = np.concatenate([stop[first], rows["end"][held]])
    _no_overlap(np.concatenate([rows["person"][first], rows["person"][held]]), begin, end)


def _no_overlap(who: np.ndarray, begin: np.ndarray, end: np.ndarray) -> None:
    long = end > begin
    who, begin, end = who[long], begin[long], end[long]
    order = np.lexsort((begin, who))
    same = who[order][1:] == who[order][:-1]
    assert (begin[order][1:] >= end[order][:-1])[same].all()


def rows_lie_inside_lives(scene: Scene) -> None:
    """Nothing is asked for before the application, nothing lasts beyond death or recovery."""
    rows, people = scene.rows, scene.world.people
    who = rows["person"]
    assert (rows["request"] >= np.maximum(people["onset"], people["apply"])[who]).all()
    gone = np.asarray(people["alive"])[who] == 0
    assert (rows["end"][gone] < NEVER).all()
    assert (rows["want_end"][gone] < NEVER).all()
    dead = np.full(people.size, NEVER)
    died = rows["outcome"] == DIED
    np.minimum.at(dead, who[died], rows["end"][died])
    last = np.where(rows["start"] < NEVER, rows["end"], rows["request"])
    assert (np.minimum(last, scene.city.calendar.end) <= np.maximum(dead[who], 0)).all()
    assert (rows["end"][died] == dead[who][died]).all()


def self_caring_people_do_not_vanish(scene: Scene) -> None:
    """Who asks for a bed without being in need holds a bed, waits, has given up, or is gone.

    Whoever lost their bed in hospital asks for nothing until they come out; who may enter no kind of bed
    was turned away.
    """
    people = scene.world.people
    there = (people["kind"] == SELF_CARING) & (people["alive"] == 1)
    there &= people["apply"] < scene.city.calendar.end
    there &= people["hospital"] != ON_WARD
    there &= people["traits"] & TURNED_AWAY == 0
    state = lane_states(people)[:, BED][there]
    assert np.isin(state, (WAITING, SERVED, WITHDRAWN)).all()


def counters_agree_with_the_ledger(scene: Scene) -> None:
    """The event loop's count of what is in use is the sum of the rows in service."""
    rows, w = scene.rows, scene.world
    served = (rows["start"] < NEVER) & (rows["end"] == NEVER)
    used = np.zeros((scene.n_district, scene.n_resource), np.int64)
    np.add.at(used, (rows["dest"][served], rows["resource"][served]), rows["size"][served])
    kept = np.asarray(w.used).reshape(scene.n_district, scene.n_resource, N_KIND).sum(axis=-1)
    assert (used == kept).all()
    staff = np.zeros(scene.n_district, np.int64)
    np.add.at(
        staff, np.asarray(w.people["bed_pool"]) // (scene.n_resource * N_KIND), w.people["staff"]
    )
    assert (staff == w.staff_used).all()
    assert (np.asarray(w.people["staff"])[np.asarray(w.people["bed_pool"]) < 0] == 0).all()


def every_placement_fits(scene: Scene) -> None:
    """After a placement no more is used than there is that day, whatever was there before.

    A fall of capacity moves nobody out, so what is used may lie above it until people leave.
    """
    rows, w = scene.rows, scene.world
    plan = scene.city.capacity.pool_plan().reshape(-1, scene.n_district, scene.n_resource, N_KIND)
    capacity = plan.sum(axis=-1)
    # Overtime and absence are left aside: this is what may be used at most.
    output = scene.city.capacity.growth["home_output"][: len(capacity), None]
    capacity[:, :, HOME_CARE] = w.work_at[:, AT_HOME] * output * overtime_most(scene)
    # Who takes a bed of another kind than they asked for is placed in that one.
    of_beds = rows["resource"] >= scene.resources.first_bed
    taken = of_beds & (rows["start"] == rows["end"]) & (rows["outcome"] == CHANGED)
    lent = {(row["person"], row["end"]) for row in rows[taken]}
    rows, of_beds = rows[~taken], of_beds[~taken]
    follows = (rows["follows"] == 1) & (rows["start"] == rows["request"])
    for k in np.flatnonzero(of_beds & follows):
        if (rows["person"][k], rows["start"][k]) in lent:
            rows["follows"][k] = 0
    days = scene.city.capacity.days.at
    beds = scene.city.capacity.bed_plan().reshape(-1, *plan.shape[1:]).sum(axis=-1)
    beds = np.where(beds >= 0, beds, capacity[np.searchsorted(scene.times, days, side="right") - 1])
    order = np.argsort(np.concatenate([scene.times[: len(capacity)], days]), kind="stable")
    times = np.concatenate([scene.times[: len(capacity)], days])[order]
    capacity = np.concatenate([capacity, beds])[order]
    for d in range(scene.n_district):
        for k in range(HOME_CARE, scene.n_resource):
            mine = rows[(rows["dest"] == d) & (rows["resource"] == k)]
            _fits(mine, capacity[:, d, k], times, f"district {d}, resource {k}")


def overtime_most(scene: Scene) -> float:
    """Return the hours of home care over the usual ones that workers can give at most on any day."""
    return float(event_days(scene.city.inputs, scene.city.calendar).work.max(initial=1.0))


def nobody_is_placed_where_it_is_shut(scene: Scene) -> None:
    """Nobody is placed anew where an event says that nobody is taken in."""
    days = event_days(scene.city.inputs, scene.city.calendar)
    rows = scene.rows[(scene.rows["start"] < NEVER) & (scene.rows["follows"] == 0)]
    rows = rows[rows["resource"] >= HOME_CARE]
    step = np.searchsorted(days.at, rows["start"], side="right") - 1
    inside = step >= 0
    where = step[inside], rows["dest"][inside], rows["resource"][inside]
    assert not days.shut[where].any()


def _fits(rows: np.ndarray, capacity: np.ndarray, times: np.ndarray, where: str) -> None:
    moments = np.concatenate([rows["start"], rows["end"]])
    change = np.concatenate([rows["size"], -rows["size"]])
    order = np.argsort(moments, kind="stable")
    used = np.cumsum(change[order])
    placed = rows["start"][(rows["follows"] == 0) & (rows["start"] > times[0])]
    # All changes of one second together: those who leave make room for those who come. Clients
    # whose hours grow in that second, after the placement, are given them in any case.
    after = used[np.searchsorted(moments[order], placed, side="right") - 1]
    after -= growth_at(rows, placed)
    month = np.searchsorted(times, placed, side="right") - 1
    allowed = capacity[np.minimum(month, capacity.size - 1)]
    assert (after <= allowed).all(), where


def growth_at(rows: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return by how much present clients' hours grow at each moment."""
    before = {(row["person"], row["end"]): row["size"] for row in rows}
    grown: dict[int, int] = {}
    for row in rows[(rows["follows"] == 1) & ~carried_on(rows)]:
        more = row["size"] - before.get((row["person"], row["start"]), row["size"])
        grown[row["start"]] = grown.get(row["start"], 0) + max(int(more), 0)
    return np.array([grown.get(moment, 0) for moment in moments], np.int64)


def flows_add_to_the_placements(scene: Scene) -> None:
    """Placements by origin and destination add to the months' placements, and to the city's."""
    placed, m = scene.measures.monthly[..., PLACED], scene.measures
    by_year = placed.reshape(-1, 12, *placed.shape[1:]).sum(axis=1)
    beds = scene.resources.beds
    assert (m.flows[..., 0].sum(axis=2)[:, :, beds] == by_year[:, :, beds]).all()
    december = m.monthly[11::12, :, beds, OCCUPIED]
    residents = m.flows[..., 1].sum(axis=1)[:, :, beds]
    np.testing.assert_allclose(residents, december, atol=1e-9 * (1 + december.max()))


def monthly_means_agree_with_a_recount(scene: Scene) -> None:
    """Waiting and occupied, summed over months and days, are the seconds recounted from the rows."""
    rows, m = scene.rows, scene.measures
    low, high = scene.times[0], scene.times[len(m.monthly)]
    seconds = np.diff(scene.times)[: len(m.monthly)]
    asked = (rows["follows"] == 0) & (rows["makeshift"] == 0)
    stop = np.minimum(np.minimum(rows["start"], rows["end"]), rows["want_end"])
    for k, first, last, kept in (
        (WAITING_NOW, rows["request"], stop, asked),
        (OCCUPIED, rows["start"], rows["end"], rows["start"] < NEVER),
    ):
        for resource in range(HOME_CARE + 1, scene.n_resource):
            mine = kept & (rows["resource"] == resource)
            spent = np.clip(last[mine], low, high) - np.clip(first[mine], low, high)
            total = (m.monthly[:, :, resource, k].sum(axis=1) * seconds).sum()
            np.testing.assert_allclose(total, np.maximum(spent, 0).sum(), rtol=1e-9, atol=1.0)


def usable_covers_the_occupied(scene: Scene) -> None:
    months = scene.city.calendar.n_reported_months
    monthly = monthly_measures(scene.city, scene.run, scene.measures, months)
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    beds = monthly[:, :, scene.resources.beds]
    assert (beds[..., at["usable"]] >= beds[..., at["occupied"]] - 1e-9).all()
    counted = np.isfinite(monthly)
    assert (monthly[counted] >= -1e-9).all()


def beds_held_in_hospital_are_counted(scene: Scene) -> None:
    """The event loop's count of beds held is the residents who are in hospital; nobody else is sick."""
    people, w = scene.world.people, scene.world
    on_ward = (people["hospital"] == ON_WARD) & (people["alive"] == 1)
    state = lane_states(people)
    assert w.tally.held_now == (on_ward & (state[:, BED] == SERVED)).sum()
    without = on_ward & (state[:, BED] != SERVED)
    assert (state[without][:, :ASSESS] == IDLE).all()
    returned = (people["hospital"] == RETURNED) & (people["alive"] == 1)
    assert (state[returned, BED] == WAITING).all()


# `every_placement_fits` is apart: it does not hold yet where beds serve the whole city.
INVARIANTS: tuple[Callable[[Scene], None], ...] = (
    rows_are_in_order,
    people_are_conserved,
    the_ledger_agrees_with_the_lanes,
    lists_hold_the_waiting,
    nobody_overlaps_themselves,
    rows_lie_inside_lives,
    self_caring_people_do_not_vanish,
    counters_agree_with_the_ledger,
    flows_add_to_the_placements,
    monthly_means_agree_with_a_recount,
    usable_covers_the_occupied,
    beds_held_in_hospital_are_counted,
    nobody_is_placed_where_it_is_shut,
)
