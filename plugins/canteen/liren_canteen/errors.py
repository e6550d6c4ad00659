# SPDX-License-Identifier: Apache-2.0
"""What the canteen refuses: what happened, that nothing was ordered, and what to do next, in both languages."""

from datetime import date, datetime

from liren.api import LirenError, NotFound


class CanteenError(LirenError):
    """The family; 409 unless said otherwise: the request was well-formed, the world has moved on."""

    status = 409
    code = "canteen"


def nothing_here() -> NotFound:
    """Also for what exists but is somebody else's: the two look alike on purpose."""
    return NotFound("没有找到。可能已经删除，或不是您的。", "Not found. It may be gone, or not be yours.")


# --- ordering


class TooLate(CanteenError):
    code = "too-late"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"这一餐{until.month}月{until.day}日 {until:%H:%M} 就截止了，没有订上。请看看下一餐，或打电话问食堂。",
            f"Orders for this meal closed on {until.day}/{until.month} at {until:%H:%M}; nothing was ordered. Look at "
            "the next meal, or call the canteen.",
        )


class TooEarly(CanteenError):
    code = "too-early"

    def __init__(self, days: int) -> None:
        super().__init__(
            f"最多提前 {days} 天订餐，没有订上。请过几天再订，或设成“每周自动订”。",
            f"Meals are ordered at most {days} days ahead; nothing was ordered. Come later, or set up a weekly order.",
        )


class NotServed(CanteenError):
    code = "not-served"

    def __init__(self, site: str) -> None:
        super().__init__(
            f"{site}这一餐不开，没有订上。请换一天、换一餐，或换一家食堂。",
            f"{site} does not serve this meal; nothing was ordered. Choose another day, meal or canteen.",
        )


class NoDelivery(CanteenError):
    code = "no-delivery"

    def __init__(self, site: str) -> None:
        super().__init__(
            f"{site}不送餐，没有订上。请选堂食或自取。",
            f"{site} does not deliver; nothing was ordered. Choose eating in or fetching it.",
        )


class NoAddress(CanteenError):
    status = 422
    code = "no-address"

    def __init__(self) -> None:
        super().__init__(
            "不知道送到哪里，没有订上。请先在“我的餐卡”里填好送餐地址。",
            "It is not known where to bring it; nothing was ordered. Fill in the address on your meal card first.",
        )


class LineGone(CanteenError):
    code = "line-gone"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}”不供应了，没有订上。请选别的。",
            f"“{title}” is no longer on the menu; nothing was ordered. Please choose something else.",
        )


class SoldOut(CanteenError):
    code = "sold-out"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"“{title}”刚刚订完了，没有订上。请选别的。",
            f"“{title}” has just sold out; nothing was ordered. Please choose something else.",
        )


class OrderedAlready(CanteenError):
    code = "ordered-already"

    def __init__(self, site: str) -> None:
        super().__init__(
            f"这一餐已经在{site}订过了，没有再订。一餐只补一份；要换，请先取消原来的。",
            f"This meal is ordered at {site} already; nothing more was ordered. One meal is subsidised once: "
            "cancel the first order to change.",
        )


class BillChanged(CanteenError):
    code = "bill-changed"

    def __init__(self, seen_fen: int, now_fen: int) -> None:
        super().__init__(
            f"要付的钱刚刚变了：原来 {_yuan(seen_fen)} 元，现在 {_yuan(now_fen)} 元，没有订上。请核对新的账单再确认。",
            f"What is to be paid has just changed from {_yuan(seen_fen)} to {_yuan(now_fen)} yuan; "
            "nothing was ordered. Check the new bill and confirm again.",
        )


class AllergenIn(CanteenError):
    code = "allergen"

    def __init__(self, title: str, zh: str, en: str) -> None:
        super().__init__(
            f"“{title}”里有{zh}，餐卡上写着不能吃，没有订上。请选别的，或先改餐卡。",
            f"“{title}” contains {en}, which the meal card says is not eaten; nothing was ordered. Choose something "
            "else, or correct the card first.",
        )


class NotHereAnyMore(CanteenError):
    code = "not-active"

    def __init__(self) -> None:
        super().__init__(
            "登记显示这位居民已经去世或迁出，不能订餐、取餐。登记错了，请联系社区更正。",
            "The register says this person has died or moved away: no meal is ordered or handed over, and no subsidy "
            "given. If that is wrong, ask the community to correct it.",
        )


class NotEnoughPoints(CanteenError):
    code = "not-enough-points"

    def __init__(self, wanted: int, balance: int) -> None:
        super().__init__(
            f"要用 {wanted} 积分，现在只有 {balance} 分，没有订上。可以少用或不用积分。",
            f"{wanted} points are wanted and {balance} are there; nothing was ordered. Use fewer points, or none.",
        )


class CannotCancel(CanteenError):
    code = "cannot-cancel"

    def __init__(self, state: str) -> None:
        zh = {
            "cancelled": "这一单已经取消了",
            "taken": "这一餐已经取了",
            "settled": "这一餐已经结算了",
            "missed": "这一餐已经过了时间",
        }.get(state, "已经过了截止时间，厨房在备餐了")
        super().__init__(
            f"{zh}，不能再取消。有事请打电话给食堂。",
            "This order can no longer be cancelled: it is over, or the kitchen has begun. Call the canteen if needed.",
        )


# --- the counter


class WrongCode(CanteenError):
    status = 404
    code = "wrong-code"

    def __init__(self, *, elsewhere: str = "") -> None:
        zh = f"这个码是{elsewhere}的，不在本店取" if elsewhere else "本店今天没有这个取餐码"
        super().__init__(
            f"{zh}。请核对号码，或按姓名、拼音找人。",
            "This canteen has no such code today. Check the digits, or look the person up by name.",
        )


class TakenAlready(CanteenError):
    code = "taken-already"

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"这一餐 {at:%m-%d %H:%M} 已经取过了，没有再记。一个码只能用一次。",
            f"This meal was handed out on {at:%m-%d at %H:%M}; nothing was recorded. A code works once.",
        )


class CodeOver(CanteenError):
    code = "code-over"

    def __init__(self) -> None:
        super().__init__(
            "这一单已经取消或过期，不能取餐。请看看这位居民今天有没有别的单。",
            "This order was cancelled or is over. See whether the person has another one today.",
        )


class NotToday(CanteenError):
    code = "not-today"

    def __init__(self, day: date) -> None:
        super().__init__(
            f"这一单是{day.month}月{day.day}日的，不是今天的餐。",
            f"This order is for {day.day}/{day.month}, not for today.",
        )


class WrongAmount(CanteenError):
    status = 422
    code = "wrong-amount"

    def __init__(self, due_fen: int) -> None:
        super().__init__(
            f"这一餐应收 {_yuan(due_fen)} 元，收的钱对不上，没有记。请核对后再填。",
            f"{_yuan(due_fen)} yuan are due for this meal; the amount differs and nothing was recorded.",
        )


# --- what staff keep


class CardTaken(CanteenError):
    code = "card-taken"

    def __init__(self) -> None:
        super().__init__(
            "这张卡已经登记在别人名下，没有保存。请核对卡号；确实换了人，先在原来那位的餐卡里去掉。",
            "This card belongs to somebody else; nothing was saved. Check the number.",
        )


class NameTaken(CanteenError):
    code = "name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"已经有一家叫“{name}”的了，没有保存。请换个名字，免得老人走错。",
            f"There is another one called “{name}”; nothing was saved. Choose another name.",
        )


class WrongTimes(CanteenError):
    status = 422
    code = "wrong-times"

    def __init__(self) -> None:
        super().__init__(
            "时间前后对不上：要先截止订餐、再开餐、再收餐。请按 24 小时核对，晚上七点是 19:00。",
            "The times are out of order: ordering ends, then serving begins, then it ends. Use the 24-hour clock.",
        )


class StartsTooSoon(CanteenError):
    status = 422
    code = "starts-too-soon"

    def __init__(self, first: date) -> None:
        super().__init__(
            f"新规则最早从{first.month}月{first.day}日起执行：先公布，后执行，不追溯。",
            f"New rules hold from {first.day}/{first.month} at the earliest: announced first, never retroactive.",
        )


class EmptyVersion(CanteenError):
    status = 422
    code = "empty-version"

    def __init__(self) -> None:
        super().__init__(
            "还没有一条规则，不能公布。确实停发补贴，请加一条金额为 0 的规则写明。",
            "There is no rule yet, so nothing can be published. To stop subsidies, add a rule of 0 that says so.",
        )


class Published(CanteenError):
    code = "published"

    def __init__(self) -> None:
        super().__init__(
            "这一版已经公布，不能再改。要改，请起草新的一版。",
            "This version is published and cannot change. Draft a new one instead.",
        )


class Orders(CanteenError):
    code = "has-orders"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"已经有 {count} 人订了，只能停止接单，不能改价、改菜。请先一一告诉他们。",
            f"{count} people have ordered it: it can be taken off the menu, not changed in price or content.",
        )


# --- the month


class MonthNotOver(CanteenError):
    status = 422
    code = "month-not-over"

    def __init__(self, first: date) -> None:
        super().__init__(
            f"这个月还没有过完，{first.month}月{first.day}日起才能结算。",
            f"The month is not over: it can be sealed from {first.day}/{first.month} on.",
        )


class ClaimedAlready(CanteenError):
    code = "claimed-already"

    def __init__(self, month: str) -> None:
        super().__init__(
            f"{month} 已经结算过了，没有再做。要看原来的，请在下面下载。",
            f"{month} is sealed already; nothing was done. Its sheets can be downloaded below.",
        )


class MonthMoved(CanteenError):
    code = "month-moved"

    def __init__(self, month: str) -> None:
        super().__init__(
            f"{month} 刚刚又补记了一餐，没有结算。请再按一次。",
            f"A meal of {month} was entered a moment ago; nothing was sealed. Please press again.",
        )


class NothingToClaim(CanteenError):
    code = "nothing-to-claim"

    def __init__(self, month: str) -> None:
        super().__init__(
            f"{month} 没有要结算的补贴。请看看月份填得对不对。",
            f"No subsidies were earned in {month}. Check the month.",
        )


# --- bringing meals


class NothingToBring(CanteenError):
    code = "nothing-to-bring"

    def __init__(self) -> None:
        super().__init__(
            "现在没有等着送的餐了，可能别人刚领走。谢谢您，过一会儿再看看。",
            "No meal waits to be brought now; somebody may have taken the last. Thank you, please look again later.",
        )


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
