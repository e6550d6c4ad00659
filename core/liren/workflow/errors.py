# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a case, said so that the person can act on it."""

from liren.errors import Conflict, Denied, LirenError, NotFound


class MovedOn(Conflict):
    """The case is not where the visitor saw it."""

    code = "case-moved-on"


class OpenAlready(Conflict):
    """The subject has an open case of this workflow."""

    code = "case-open-already"


class FourEyes(Denied):
    """Somebody may not decide on what they did themselves."""

    code = "case-four-eyes"


class NotNow(LirenError):
    """The module's guard says no."""

    status = 422
    code = "case-not-now"


class NeedsMore(LirenError):
    """A note, or somebody to give it to, is missing."""

    status = 422
    code = "case-needs-more"


def no_such_case() -> NotFound:
    """The answer for a case that does not exist, one outside the visitor's area, and one of a plugin that is off."""
    return NotFound(
        "没有这件事，或者不在您负责的范围内。", "There is no such case, or it is outside the area you look after."
    )


def moved_on(zh: str, en: str) -> MovedOn:
    """:param zh: title of the state it is in now; :param en: the same in English"""
    return MovedOn(
        f"刚才有人先办了一步，现在是“{zh}”。请看过时间线，再决定要不要办。",
        f"Somebody acted a moment ago: it is “{en}” now. Look at the timeline, then decide.",
    )


def open_already(title: str) -> OpenAlready:
    return OpenAlready(f"“{title}”已经在办了，不用再提一次。", f"“{title}” is under way already.")


def not_yours() -> Denied:
    return Denied(
        "这一步不归您办。需要的话，请联系街道管理员。",
        "This step is not yours to take. If it should be, ask the street's administrator.",
    )


def four_eyes() -> FourEyes:
    return FourEyes(
        "前面有一步是您自己办的，这一步要由另一个人来办。",
        "You took an earlier step of this yourself: somebody else has to take this one.",
    )


def note_missing() -> NeedsMore:
    return NeedsMore("请写明情况或理由。", "Please say what happened, or why.")


def worker_missing() -> NeedsMore:
    return NeedsMore("请选由谁来办。", "Please choose who is to do it.")


def bad_file(name: str) -> NeedsMore:
    return NeedsMore(
        f"附件“{name}”不是照片、PDF 或 Excel，没有收下。请换一个文件。",
        f"“{name}” is no picture, PDF or Excel file and was not taken. Choose another.",
    )


def too_many_files(most: int) -> NeedsMore:
    return NeedsMore(f"一次最多交 {most} 个附件。", f"At most {most} files at a time.")
