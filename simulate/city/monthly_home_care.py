"""Work out home care month by month: the hours that can be given, and how clients share them."""

import numpy as np

from params.axes import HOME_CARE, FloatArray
from simulate.city.event_days import Spans
from simulate.city.monthly_workers import within_reach, work_at_home
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME
from simulate.engine.records import DAY
from simulate.outcome import MONTHLY_MEASURES


def usable_hours(setting: Setting, run: Run, spans: Spans, n_month: int) -> FloatArray:
    """Return hours of home care that workers can give, the city's no more than the insurance gives.

    Shape (month, district), hours a week.
    """
    output = setting.capacity.growth["home_output"][:n_month, None]
    work = spans.mean(work_at_home(spans), n_month) * output
    hours = within_reach(run, AT_HOME, n_month) / 100 * work
    most = setting.insurance.most_hours[:n_month, None] / 100
    return np.asarray(
        hours * np.minimum(1.0, most / np.maximum(hours.sum(axis=1, keepdims=True), 1e-9))
    )


def share_hours(setting: Setting, run: Run, spans: Spans, result: FloatArray) -> None:
    """Let clients share the hours that workers have: nobody is sent away, but none gives more than there are.

    What is lacking of the clients' hours is unmet, like that of people who wait.
    """
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    care, n_month = result[:, :, HOME_CARE], len(result)
    days = np.diff(setting.calendar.month_start)[:n_month] / DAY
    output = setting.capacity.growth["home_output"][:n_month, None]
    given, m = run.work_at[:n_month, AT_HOME] / 100 * output, spans.month
    lacking = np.maximum(care[m, :, at["occupied"]] - given[m] * work_at_home(spans), 0.0)
    lacking = spans.mean(lacking, n_month)
    care[..., at["occupied"]] -= lacking
    care[..., at["unmet"]] += lacking * days[:, None] / 7
