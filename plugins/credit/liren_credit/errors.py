# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a list, a rule or a decision, in words for the person at the desk."""

from liren.api import Conflict, Denied, LirenError, NotFound


class CreditError(LirenError):
    """Something about awards that cannot be done as asked."""

    status = 422
    code = "credit"


def no_such_list() -> NotFound:
    return NotFound("没有找到这份名单。", "There is no such list.")


def no_such_rule() -> NotFound:
    return NotFound("没有找到这条细则。", "There is no such rule.")


def no_such_template() -> NotFound:
    return NotFound(
        "这个样板不在了：带来它的模块停用了。请直接拟一条细则。",
        "This template is gone: the plugin that brought it is off. Draft the rule yourself.",
    )


def moved_on() -> Conflict:
    return Conflict(
        "这份名单的状态已经变了，您的操作没有执行。请刷新页面再看。",
        "The list has moved on meanwhile; nothing was done. Reload the page and look again.",
    )


def own_work() -> Denied:
    return Denied(
        "自己登记的名单不能自己审核。请另一位审核员来审。",
        "Nobody reviews a list they entered themselves. Another reviewer has to do it.",
    )


def own_proposal() -> Denied:
    return Denied(
        "自己拟定的细则不能自己审定。请另一位同事来审定。",
        "Nobody adopts rules they drafted themselves. A colleague has to do it.",
    )


def uploaded_before(title: str) -> Conflict:
    return Conflict(
        f"这份文件已经上传过，就是“{title}”。没有再登记一次；要重来，请先把那一份作废。",
        f"This very file was uploaded before, as “{title}”. Nothing was entered again; drop that list to start over.",
        code="uploaded-before",
    )


def nothing_good() -> CreditError:
    return CreditError(
        "没有一行可以入账，不能提交。请按每行的提示改好后重新上传。",
        "Not one row can be credited, so there is nothing to submit. Mend the rows as advised and upload again.",
        code="nothing-good",
    )


def still_to_look_at(count: int) -> CreditError:
    return CreditError(
        f"还有 {count} 行没有抽查，看完才能通过。",
        f"{count} sampled rows have not been looked at; look at them first.",
        code="sample-open",
    )


def budget_short(communities: list[tuple[str, int, int]]) -> CreditError:
    """:param communities: (name, needed, left) of each whose budget does not suffice"""
    zh = "；".join(f"{name}要 {needed} 分，只剩 {left} 分" for name, needed, left in communities)
    en = "; ".join(f"{name} needs {needed} points and has {left}" for name, needed, left in communities)
    return CreditError(
        f"社区预算不够：{zh}。什么都没有入账，请街道先追加预算。",
        f"Community budgets do not suffice: {en}. Nothing was posted; the street has to add budget first.",
        code="budget-short",
    )


def too_early(day: str) -> CreditError:
    return CreditError(
        f"公示还没结束，{day} 起才能入账。",
        f"Publicity has not ended; posting is possible from {day}.",
        code="too-early",
    )


def bad_start(earliest: str) -> CreditError:
    return CreditError(
        f"新细则要先公布再起用，起用日期最早填 {earliest}；已在纸上公布过的，请写明出处。",
        f"Rules are announced first: {earliest} is the earliest day. If published on paper, name the source.",
        code="not-announced",
    )


def retroactive(code: str, earliest: str) -> CreditError:
    return CreditError(
        f"细则 {code} 已经在用，改动不能追溯，起用日期最早填 {earliest}。",
        f"Rule {code} is in use; a change is never retroactive. {earliest} is the earliest day.",
        code="retroactive",
    )
