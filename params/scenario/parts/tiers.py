"""Name what a scenario may say of 保基本 beds beside market ones: how many, for whom, at which price."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from params.names import resource_id
from params.scenario.parts.fields import Part, Share, known_area, known_bed

Bed = Annotated[str, BeforeValidator(resource_id), AfterValidator(known_bed)]


class TierShare(Part):
    """Another share of 保基本 beds in some districts or of one kind; later lines hold before earlier ones."""

    district: Annotated[str, AfterValidator(known_area)]
    """A district, a zone or 全市 the city. 区、片区或全市。"""
    resource: Bed | None = None
    """Kind of bed that is parted, general_bed or nursing_bed; left out: both. 床位类型,不写则两类都是。"""
    share: Share
    """Share of these beds that are 保基本. 保基本床位比例。"""


class TierWho(Part):
    """Who may ask for a 保基本 bed: 保基本申请条件, whoever meets all conditions of one line."""

    least_level: int | None = Field(default=None, ge=1, le=6)
    """At this level or above. 最低等级。"""
    most_level: int | None = Field(default=None, ge=0, le=5)
    """At this level or below; 0: only the self-caring. 最高等级。"""
    alone: bool | None = None
    """Living alone, or not. 是否独居。"""
    hardship: bool | None = None
    """In hardship (`policy.hardship_share`, the poorest), or not. 是否困难老人。"""


class TierPrice(Part):
    """What a bed costs its resident in a month.

    一张床位老人每月支付的价格。
    """

    resource: Bed
    """Kind of bed of either tier: those without 保基本 in their name are the market's. 床位类型。"""
    price: float = Field(gt=0, le=10_000_000)
    """Price a month, in the money in which incomes are told. 每月价格。"""


class IncomeBand(Part):
    """One point of the distribution of incomes.

    收入分布的一点。
    """

    below: float = Field(gt=0, le=10_000_000)
    """Income a month that a resident can pay. 每月可支付的收入。"""
    share: Share
    """Share of people 60+ who have less; straight between lines. 低于此收入的比例。"""


class TierPlan(Part):
    """保基本 beds and market beds as pools of their own; off where no share is given.

    保基本床位与市场床位分档；不写 share 则不分。
    """

    share: float | None = Field(default=None, gt=0, le=1)
    """Share of general and nursing-type beds that are 保基本; left out: no tiers. 保基本床位占比。"""
    shares: Annotated[tuple[TierShare, ...], Field(strict=False)] = ()
    """Other shares by district and kind. 分区、分类的占比。"""
    who: Annotated[tuple[TierWho, ...], Field(strict=False)] = ()
    """Who may ask for 保基本 beds; left out: everybody. 可申请保基本床位者。"""
    keep_free: Share = 0.0
    """Share of a district's 保基本 beds of a kind that is kept free for those who may ask; free ones beyond
    it are lent to who waits for the market bed of the kind. 1: none is lent.
    为可申请者留空的保基本床位比例,其余空床借给轮候同类市场床位的老人;1 为不出借。"""
    prices: Annotated[tuple[TierPrice, ...], Field(strict=False)] = ()
    """Prices by kind; who cannot pay does not ask. 各类床位价格,负担不起者不申请。"""
    income: Annotated[tuple[IncomeBand, ...], Field(strict=False)] = ()
    """Incomes of people 60+, rising. 老年人收入分布,由低到高。"""

    @property
    def lends(self) -> bool:
        """Whether some 保基本 beds may be lent: there are any, not for everybody, and not all are kept."""
        return self.share is not None and len(self.who) > 0 and self.keep_free < 1
