"""Check ways that lead people on: after a refusal, after giving up, and while they keep their place."""

from collections.abc import Iterator
from typing import Final

from params.errors import nearest
from params.language import said
from params.network.durations import mean_days
from params.network.model import NetworkPlan, Onward, StagePlan
from params.scenario.faults import Fault

MOMENT: Final = 1 / 86_400
"""A second in days: who comes back sooner comes back at once."""


def onward_faults(plan: NetworkPlan) -> Iterator[Fault]:
    """List ways after a refusal or giving up that lead nowhere, are never taken, or go round at once."""
    names = [stage.name for stage in plan.stages]
    for k, stage in enumerate(plan.stages):
        for key in ("after_refusal", "after_giving_up"):
            onward = getattr(stage, key)
            if onward is None:
                continue
            where = f"network.stages[{k}].{key}"
            if onward.stage not in names:
                advice = nearest(onward.stage, names)
                found = said(f"{onward.stage!r} is no stage", f"没有环节 {onward.stage!r}")
                yield Fault(f"{where}.stage", found, ", ".join(names), advice)
            yield from _never_taken(plan, stage, key, where)
    yield from _at_once_faults(plan, names)


def _never_taken(plan: NetworkPlan, stage: StagePlan, key: str, where: str) -> Iterator[Fault]:
    if key == "after_giving_up" and stage.patience is None:
        yield Fault(
            where,
            said("not used: nobody gives up without patience", "没有 patience，无人放弃，不起作用"),
            said("patience as well", "同时写 patience"),
        )
    elif key == "after_giving_up" and stage.gives_up == "died":
        yield Fault(
            where,
            said("the dead do not go on", 'gives_up = "died" 者已去世，没有去向'),
            'gives_up = "withdrew"',
        )
    pools = [pool for pool in plan.pools if pool.resource == stage.resource]
    served = all(
        any(pool.serves == "all" or d in (pool.serves or (pool.district,)) for pool in pools)
        for d in plan.districts
    )
    if key == "after_refusal" and served and all(p.waiting_room is None for p in pools):
        yield Fault(
            where,
            said(
                "not used: nobody is refused where lists have no limit",
                "等候人数不限，无人被拒，不起作用",
            ),
            said(
                f"waiting_room in a pool of {stage.resource}",
                f"在资源“{stage.resource}”的资源池中写 waiting_room",
            ),
        )


def _at_once_faults(plan: NetworkPlan, names: list[str]) -> Iterator[Fault]:
    """Refuse circles that people who are refused again and again go round in no time."""
    ways = {
        stage.name: [way for way in _ways(stage) if _is_at_once(way) and way.stage in names]
        for stage in plan.stages
    }
    for k, stage in enumerate(plan.stages):
        if _leads_to(stage.name, {name: [w.stage for w in found] for name, found in ways.items()}):
            yield Fault(
                f"network.stages[{k}]",
                said(
                    f"{stage.name!r} leads back to itself at once after refusals or giving up",
                    f"“{stage.name}”被拒或放弃后立即回到自身",
                ),
                said("a time until they ask again", "再次申请前须有间隔"),
                'after = { distribution = "exponential", mean = 1.0 }',
            )


def _ways(stage: StagePlan) -> list[Onward]:
    patient = stage.patience is not None and mean_days(stage.patience) >= MOMENT
    ways = [stage.after_refusal, None if patient else stage.after_giving_up]
    return [way for way in ways if way is not None and way.share > 0]


def _is_at_once(way: Onward) -> bool:
    return way.after is None or mean_days(way.after) < MOMENT


def _leads_to(start: str, graph: dict[str, list[str]]) -> bool:
    """Say whether a way from a node leads back to it."""
    seen: set[str] = set()
    todo = list(graph.get(start, ()))
    while todo:
        name = todo.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            todo += graph.get(name, ())
    return False


def blocking_faults(plan: NetworkPlan) -> Iterator[Fault]:
    """Refuse blocking without a next stage, and in a circle, in which everybody may wait for each other."""
    resource = {stage.name: stage.resource for stage in plan.stages}
    graph: dict[str, list[str]] = {}
    for stage in plan.stages:
        if stage.blocks:
            following = [name for name, share in stage.next.items() if share > 0]
            graph.setdefault(stage.resource, []).extend(
                resource[name] for name in following if name in resource
            )
    for k, stage in enumerate(plan.stages):
        if not stage.blocks:
            continue
        where = f"network.stages[{k}].blocks"
        if not any(share > 0 for share in stage.next.values()):
            yield Fault(
                where,
                said("not used: no next stage", "没有下一环节，不起作用"),
                said("next as well", "同时写 next"),
            )
        elif _leads_to(stage.resource, graph):
            yield Fault(
                where,
                said(
                    f"people who keep a place of {stage.resource!r} wait in a circle for each other",
                    f"占住“{stage.resource}”的人会循环等待，可能互相锁死",
                ),
                said("blocking that leads to another resource and not back", "占位等待不得成环"),
                said(
                    "let one stage of the circle not block, or give it a resource of its own",
                    "使环中一个环节不占位，或为其另设资源",
                ),
            )
