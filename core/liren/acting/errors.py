# SPDX-License-Identifier: Apache-2.0
"""Why somebody cannot act for somebody, or an act cannot be undone: what happened, and what to do instead."""

from liren.errors import Conflict, Denied, LirenError, NotFound


class ActingError(LirenError):
    """The family; 422 unless said otherwise."""

    status = 422
    code = "acting"


class NotForThem(Denied):
    """This actor may not act for this person."""

    code = "acting-not-for-them"


class NoConsent(Denied):
    """There is no consent that holds."""

    code = "acting-no-consent"


class CapReached(Conflict):
    """What the person allowed is used up."""

    code = "acting-cap"


class TooLate(Conflict):
    """The time for undoing is over."""

    code = "acting-too-late"


class UndoneAlready(Conflict):
    code = "acting-undone"


class WrongCode(ActingError):
    code = "acting-wrong-code"


class NotSent(ActingError):
    code = "acting-not-sent"


class NoSuchHelper(ActingError):
    code = "acting-no-such-helper"


class NothingAllowed(ActingError):
    code = "acting-nothing-allowed"


def wrong_code() -> WrongCode:
    return WrongCode("验证码不对，请让本人再念一遍。", "That is not the code. Ask the person to read it out again.")


def code_over() -> WrongCode:
    return WrongCode(
        "这个验证码不能用了：用过了、过了时间，或试错太多次。请重新请本人同意。",
        "This code is over: used, too old, or tried too often. Ask for consent anew.",
    )


def not_sent() -> NotSent:
    return NotSent(
        "短信没有发出去，可能没有登记手机号。请改用本人在场同意或签字。",
        "No message could be sent; perhaps no phone is on record. Take consent in person or on paper instead.",
    )


def no_such_helper() -> NoSuchHelper:
    return NoSuchHelper(
        "没有找到这个人：姓名和手机号要和登记的一模一样。还没登记的，请先到社区登记。",
        "Nobody of that name with that phone number: both must be exactly as registered. "
        "Who is not registered yet can do so at the community.",
    )


def bad_paper() -> ActingError:
    return ActingError("照片要是 jpg 或 png。请重新拍一张。", "The photo must be a jpg or png. Please take it again.")


def nothing_allowed() -> NothingAllowed:
    return NothingAllowed("至少留一件让帮忙的人办的事。", "Leave at least one thing for the helper to do.")


def not_for_the_recorder() -> NotForThem:
    return NotForThem(
        "不能登记给自己或自己家里人。请另一位同事来登记。",
        "You cannot record this for yourself or your own household. Ask a colleague to do it.",
    )


def nothing_here() -> NotFound:
    """What does not exist, and what is somebody else's: the two look alike."""
    return NotFound("没有找到，或不在您能办的范围内。", "Not found, or not yours to act on.")


def not_for_oneself() -> NotForThem:
    return NotForThem(
        "代办是替别人办。自己的事，请在自己的主页上办。",
        "Acting is for somebody else. Do your own things on your own page.",
    )


def not_for_own_household() -> NotForThem:
    return NotForThem(
        "工作人员不能以工作身份替自己家里人办。请家里人委托您，或请另一位同事来办。",
        "Staff do not act for their own household. Have them name you as family, or ask a colleague.",
    )


def not_here_any_more() -> NotForThem:
    return NotForThem(
        "这位居民已经去世、迁走或并入了另一条登记，不能代办了。有疑问请找社区。",
        "This person has died, moved away, or was merged into another entry: nobody can act for them. "
        "Ask the community.",
    )


def blocked() -> NotForThem:
    return NotForThem(
        "本人说过不要工作人员代办。请本人自己办，或先请本人在“请人帮忙”里改回来。",
        "This person wants no worker to act for them. They can do it themselves, or change that on their own page.",
    )


def not_offered() -> NotForThem:
    return NotForThem(
        "这件事不能由您代办，请本人来办。", "This is not something you can do for them; they do it themselves."
    )


def no_consent() -> NoConsent:
    return NoConsent(
        "没有本人的同意，或同意已经到期、撤回。什么都没有办。请先请本人同意。",
        "There is no consent, or it is over or withdrawn. Nothing was done. Ask the person to agree first.",
    )


def cap_reached(cap: int, used: int, measure: str) -> CapReached:
    left = max(0, cap - used)
    zh = {"points": f"{left} 分", "fen": f"{left / 100:.2f} 元", "times": f"{left} 次"}[measure]
    en = {"points": f"{left} points", "fen": f"{left / 100:.2f} yuan", "times": f"{left} times"}[measure]
    return CapReached(
        f"超过了这个月可以代办的上限，还剩 {zh}。什么都没有办。下个月再办，或请本人自己办。",
        f"This is more than may be done for them this month: {en} are left. Nothing was done. "
        "Wait for next month, or let them do it themselves.",
    )


def too_late(hours: int) -> TooLate:
    return TooLate(
        f"已经过了 {hours} 小时，不能自己撤销了。请按“这不是我的意思”，社区会来核实；也可以打社区电话。",
        f"More than {hours} hours have passed, so it cannot be undone by itself. Press “This was not my wish” and the "
        "community will look into it; or call the community.",
    )


def undone_already() -> UndoneAlready:
    return UndoneAlready("这一件已经撤销过了。", "This has been undone already.")


def module_gone() -> LirenError:
    return Conflict(
        "办这件事的模块已经停用，不能在这里撤销。请联系社区。",
        "The module this was done with is switched off; it cannot be undone here. Ask the community.",
    )
