"""Refuse scenarios with something that the deterministic twin does not carry."""

from params.axes import LEVELS
from params.language import said
from params.tables.resources import IN_HOSPITAL, LAST_MONTHS, WHO
from simulate.city.setting import Setting


class NotCarried(ValueError):
    """A scenario has something that the twin does not carry.

    Attributes
    ----------
    found, allowed : what, and what the scenario would have to say, in the language that is spoken.
    """

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"{found}; {allowed}")
        self.found = found
        self.allowed = allowed


def check_carried(setting: Setting) -> None:
    """Refuse what the twin does not carry.

    Raises
    ------
    NotCarried
        Naming the first of it.
    """
    _refuse_what_is_left_out(setting)
    _refuse_reasons(setting)
    _refuse_rules(setting)


def _refuse_what_is_left_out(setting: Setting) -> None:
    scenario = setting.inputs.scenario
    if scenario.assessors.too_high or scenario.assessors.too_low:
        raise NotCarried(
            said("the offered load is that of true levels", "孪生模型按真实等级计算"),
            said("assessors.too_high = 0, too_low = 0", "assessors.too_high = 0，too_low = 0"),
        )
    if scenario.policy.hospital_bed == "released" or scenario.policy.hospital_hold_days == 0:
        raise NotCarried(
            said("the offered load holds beds of those in hospital", "孪生模型在住院期间保留床位"),
            'policy.hospital_bed = "held"',
        )
    if len(setting.calendar.office_work) > 1:
        raise NotCarried(
            said(
                "the offered load has one calendar of assessments", "孪生模型全市只有一套评估日历"
            ),
            said("assessors who pause in the whole city", "全市同时暂停评估"),
        )


def _refuse_rules(setting: Setting) -> None:
    """Refuse what depends on the day of a result or on what somebody waits for: neither is carried."""
    if (setting.insurance.least_level > LEVELS[0]).any():
        raise NotCarried(
            said("the offered load covers every level", "孪生模型中各等级均享受长护险"),
            said("insurance.changes without least_level", "insurance.changes 中不写 least_level"),
        )
    scenario = setting.inputs.scenario
    if scenario.policy.admissions or scenario.tiers.share is not None:
        raise NotCarried(
            said(
                "the offered load lets everybody ask for every bed",
                "孪生模型中人人可申请各类床位",
            ),
            said("neither policy.admissions nor tiers", "不写 policy.admissions 和 tiers"),
        )


def _refuse_reasons(setting: Setting) -> None:
    """Refuse beds that are asked for by people whom this twin does not carry."""
    resources = setting.inputs.resources
    for row in resources.rows[resources.first_bed :]:
        for ask in row.asks:
            if ask.who == WHO[LAST_MONTHS] or not (ask.wish or ask.who == WHO[IN_HOSPITAL]):
                raise NotCarried(
                    said(
                        f"the offered load knows nobody who asks for {row.name} ({ask.who})",
                        f"孪生模型不含申请 {row.name}（{ask.who}）的人群",
                    ),
                    said(f"{row.name} turned off", f"不启用 {row.name}"),
                )
