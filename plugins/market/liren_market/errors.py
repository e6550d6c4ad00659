# SPDX-License-Identifier: Apache-2.0
"""What the market refuses: what happened, that nothing was taken, and what to do next, in both languages."""

from datetime import date, datetime

from liren.api import LirenError


class MarketError(LirenError):
    """The family; 409 unless said otherwise: the request was well-formed, the world has moved on."""

    status = 409
    code = "market"


# --- ordering


class MerchantNotOpen(MarketError):
    code = "merchant-not-open"

    def __init__(self, merchant: str) -> None:
        super().__init__(
            f"{merchant}现在不接新的兑换，没有扣分。已经兑换的照样能取，也能取消。请看看别家。",
            f"{merchant} takes no new orders now; no points were taken. Orders already placed can still be "
            "collected or cancelled. Please look at other merchants.",
        )


class GoodsGone(MarketError):
    code = "goods-gone"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}”已经下架了，没有扣分。请看看别的。",
            f"“{title}” is no longer offered; no points were taken. Please choose something else.",
        )


class PriceChanged(MarketError):
    code = "price-changed"

    def __init__(self, title: str, seen: int, now: int) -> None:
        super().__init__(
            f"“{title}”的价格刚改了：原来每份 {seen} 分，现在每份 {now} 分。没有扣分，请核对新的价格再确认。",
            f"The price of “{title}” has just changed from {seen} to {now} points apiece. "
            "No points were taken; check the new price and confirm again.",
        )


class BadCount(MarketError):
    status = 422
    code = "bad-count"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"一次可以兑 1 到 {most} 份，没有扣分。请改一下份数。",
            f"One order takes 1 to {most} pieces; no points were taken. Please change the number.",
        )


class OutOfStock(MarketError):
    code = "out-of-stock"

    def __init__(self, title: str, left: int) -> None:
        if left > 0:
            zh = f"“{title}”只剩 {left} 份了，没有扣分。请改一下份数。"
            en = f"Only {left} of “{title}” left; no points were taken. Please ask for fewer."
        else:
            zh = f"“{title}”刚刚兑完了，没有扣分。可以看看别的，或过几天再来。"
            en = f"“{title}” has just run out; no points were taken. Choose something else or come back later."
        super().__init__(zh, en)


class LimitReached(MarketError):
    code = "limit-reached"

    def __init__(self, title: str, limit: int, used: int) -> None:
        rest = max(limit - used, 0)
        what_zh = f"这个月还可以兑 {rest} 份" if rest else "下个月 1 号起可以再兑"
        what_en = f"You can take {rest} more this month" if rest else "You can order it again next month"
        super().__init__(
            f"“{title}”每人每月最多 {limit} 份，您本月已兑 {used} 份，没有扣分。{what_zh}。",
            f"“{title}” is limited to {limit} a person each month and you have {used}; "
            f"no points were taken. {what_en}.",
        )


class NotEnoughPoints(MarketError):
    code = "not-enough-points"

    def __init__(self, cost: int, balance: int) -> None:
        super().__init__(
            f"积分不够：需要 {cost} 分，您现有 {balance} 分，还差 {cost - balance} 分，没有扣分。可以先兑别的。",
            f"Not enough points: {cost} needed, you have {balance}, {cost - balance} short. "
            "No points were taken. You could choose something smaller.",
        )


# --- collecting


class WrongCode(MarketError):
    """No order has this code, or none that this counter may know of."""

    status = 404
    code = "wrong-code"

    def __init__(self, *, foreign: bool = False) -> None:
        zh, en = "本店没有这个兑换码，没有核销。", "This shop has no such code; nothing was redeemed."
        if foreign:
            zh += "这是别家店的码，请居民看看码下面写的是哪家店。"
            en += " It is another merchant's code: ask the resident to look at the shop named under it."
        else:
            zh += "请照着码再输一遍 8 位数字，或看看码下面写的是不是本店。"
            en += " Type the 8 digits again, or check that the shop named under the code is this one."
        super().__init__(zh, en)


class CodeUsed(MarketError):
    """A code is good for one redemption."""

    code = "code-used"

    def __init__(self, when: datetime) -> None:
        at = f"{when.month}月{when.day}日 {when:%H:%M}"
        super().__init__(
            f"这个码在 {at} 已经核销过了，不能再用，也没有重复记账。要退货请在核销记录里找到那一笔。",
            f"This code was already redeemed on {when:%d %b %H:%M} and cannot be used again; nothing was booked "
            "twice. For a refund, find that redemption in the list.",
        )


class CodeOver(MarketError):
    """Cancelled or expired: the points went back."""

    code = "code-over"

    def __init__(self, *, expired: bool) -> None:
        super().__init__(
            f"这个码已经{'过期' if expired else '取消'}，积分已经退给居民，没有核销。请居民重新兑换。",
            f"This code {'has expired' if expired else 'was cancelled'} and the points went back to the resident; "
            "nothing was redeemed. The resident can order again.",
        )


class TooManyWrongCodes(MarketError):
    status = 429
    code = "too-many-wrong-codes"

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"输错的次数太多了。请过 {minutes} 分钟再试，或请街道管理员帮忙查。",
            f"Too many wrong codes. Try again in {minutes} minutes, or ask the street's administrator to look.",
        )


# --- ending


class CannotCancel(MarketError):
    code = "cannot-cancel"

    def __init__(self, state: str) -> None:
        zh, en = {
            "settled": ("已经取货了，不能取消。要退货请找商户", "was already collected; ask the merchant for a refund"),
            "refunded": ("已经退货，积分已退回", "was already refunded; the points are back"),
        }.get(state, ("已经取消，积分已退回", "was already cancelled; the points are back"))
        super().__init__(f"这一单{zh}。", f"This order {en}.")


class CannotRefund(MarketError):
    code = "cannot-refund"

    def __init__(self, state: str) -> None:
        zh, en = {
            "placed": ("还没有核销，不用退货。居民可以自己取消", "was not redeemed yet; the resident can cancel it"),
            "refunded": ("已经退过了，没有再退一次", "was already refunded; nothing was refunded twice"),
        }.get(state, ("已经取消，积分早已退给居民", "was cancelled; the points went back then"))
        super().__init__(f"这一单{zh}。", f"This order {en}.")


class RefundTooLate(MarketError):
    code = "refund-too-late"

    def __init__(self, last: date, days: int) -> None:
        super().__init__(
            f"核销后 {days} 天内可以退，这一单最晚到 {last.month}月{last.day}日，现在不能退了。"
            "有特殊情况请联系街道管理员。",
            f"Refunds are possible for {days} days; for this order until {last:%d %b}. "
            "If something special happened, ask the street's administrator.",
        )


# --- for somebody else


class OwnShop(MarketError):
    """A helper gains nothing by helping."""

    code = "own-shop"

    def __init__(self, merchant: str) -> None:
        super().__init__(
            f"您是{merchant}的人，不能替别人在自家店里兑换，没有扣分。请选别家，或请另一位来办。",
            f"You belong to {merchant} and cannot spend somebody else's points there; none were taken. "
            "Choose another shop, or let somebody else do it.",
        )


class OwnHelp(MarketError):
    """Who ordered for somebody does not hand it out as well."""

    code = "own-help"

    def __init__(self) -> None:
        super().__init__(
            "这一单是您替别人兑换的，要请店里另一位来核销。",
            "You ordered this for somebody else: another clerk has to hand it out.",
        )


# --- managing


class NameTaken(MarketError):
    """Residents tell shops apart by their names."""

    code = "name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"已经有一家“{name}”了。请换个名字，例如加上路名。",
            f"There is a shop called “{name}” already. Choose another name, e.g. with the street's name in it.",
        )


class ChangedMeanwhile(MarketError):
    """Somebody else saved first."""

    code = "changed-meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "您打开页面之后，库存又变了（可能刚有人兑换）。没有保存，请看一眼新的数目再存。",
            "The stock has changed since you opened this page (someone may just have ordered). "
            "Nothing was saved; look at the new number and save again.",
        )
