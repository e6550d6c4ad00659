# SPDX-License-Identifier: Apache-2.0
"""What a verifier can find, as one plain sentence each, Chinese and English.

A code is stable: scripts and tests may rely on it. The place says where: a member of the archive, or ``entry 17``.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_KEPT = 1000
"""Findings kept in memory; further ones are only counted (a hostile file could cause one per entry)."""

SENTENCES: dict[str, tuple[str, str]] = {
    # the container
    "member-missing": ("缺少这一部分", "this part is missing"),
    "member-extra": ("多出不该有的部分", "this part does not belong here"),
    "member-broken": ("这一部分读不出来：{why}", "this part cannot be read: {why}"),
    "member-digest": ("内容与 manifest.json 所记摘要不符", "the content differs from its digest in manifest.json"),
    "manifest-bad": ("清单不合格式：{why}", "the manifest is malformed: {why}"),
    # notes, tree, checkpoint
    "note-bad": ("签名文本不合格式：{why}", "the signed note is malformed: {why}"),
    "checkpoint-bad": ("检查点不合格式：{why}", "the checkpoint is malformed: {why}"),
    "checkpoint-unsigned": (
        "没有有效的日志密钥在检查点上签名",
        "no log key that is valid at this size signed the checkpoint",
    ),
    "checkpoint-origin": ("检查点属于另一个账本 {origin}", "the checkpoint is of another log, {origin}"),
    "checkpoint-size": (
        "检查点记 {said} 条，这里是 {found} 条",
        "the checkpoint counts {said} entries, here are {found}",
    ),
    "root-mismatch": (
        "各条记录算出的树根与检查点不符：有记录被改动、增删或调换",
        "the entries do not give the checkpoint's root: some were changed, added, removed or moved",
    ),
    "old-checkpoint": (
        "与旧检查点（{size} 条）不一致：历史被改写",
        "the log does not extend the older checkpoint of {size} entries: history was rewritten",
    ),
    "proof-bad": ("证明文件不合格式：{why}", "the proof is malformed: {why}"),
    "proof-wrong": ("证明不成立：这条记录不在检查点的账本里", "the proof fails: the entry is not in the log"),
    # entries
    "entry-malformed": ("记录不合格式：{why}", "the entry is malformed: {why}"),
    "entry-count": ("应有 {said} 条记录，只有 {found} 条", "{said} entries were announced, {found} are here"),
    "entry-zero": (
        "第 0 条必须是根密钥为自己签名的登记",
        "entry 0 must be the root key, registered and signed by itself",
    ),
    "log-wrong": ("记录属于另一个账本 {log}", "the record belongs to another log, {log}"),
    "rid-repeated": ("记录编号重复：{rid}", "the record id {rid} stands twice"),
    "time-back": ("入账时间早于前一条", "the admission time goes back"),
    "eff-wrong": (
        "生效日 {eff} 与入账日 {day} 不合规则",
        "the effective day {eff} does not fit the admission day {day}",
    ),
    # keys and signatures
    "keys-bad": ("密钥清单不合格式：{why}", "the key list is malformed: {why}"),
    "keys-mismatch": (
        "密钥清单与账本中的密钥记录不符",
        "the key list differs from the key records of the log",
    ),
    "key-bad": ("密钥登记不合规则：{why}", "the key record breaks a rule: {why}"),
    "signature-wrong": ("{key} 的签名不成立", "the signature of {key} fails"),
    "signature-missing": ("缺少必需的签名：{who}", "a required signature is missing: {who}"),
    "key-may": ("{key} 无权签这条记录", "{key} may not sign this record"),
    "key-revoked": ("{key} 已在第 {at} 条撤销", "{key} was revoked at entry {at}"),
    "trust-mismatch": (
        "根密钥或密钥记录与您信任的密钥清单不符：{why}",
        "the root or a key record differs from the key list you trust: {why}",
    ),
    # rules of posting
    "move-wrong": ("不允许的转移：{why} 从 {src} 到 {dst}", "no such move: {why} from {src} to {dst}"),
    "posting-wrong": ("分录不合规则：{why}", "the postings break a rule: {why}"),
    "negative-balance": ("{account} 余额成为负数", "{account} falls below 0"),
    "account-past": ("{account} 已过期，不能再动用", "{account} is past its last day"),
    "unit-wrong": (
        "不是以 {unit} 的名义可以做的：{account}",
        "not something unit {unit} may do: {account}",
    ),
    "ref-wrong": ("所指的记录 {ref} 不存在或种类不对", "the record {ref} it refers to is missing or of a wrong kind"),
    "too-much": ("超出所指记录的剩余数额", "more than is left of the record it refers to"),
    "return-wrong": ("退回的账户或数额不合规则：应为 {want}", "returned to the wrong accounts: it should be {want}"),
    "order-wrong": ("没有先用最早到期的积分", "points that expire first were not used first"),
    "not-whole": ("{account} 应转出全部 {balance}", "{account} must give its whole balance, {balance}"),
    "not-expired": ("{account} 尚未到期", "{account} has not expired"),
    "policy-stale": ("所引细则不是当时有效的细则", "it does not name the policy in force"),
    "policy-missing": ("没有细则正文，或正文不合格式：{why}", "the policy body is missing or malformed: {why}"),
    "rule-missing": ("有效细则中没有规则 {rule}", "the policy in force has no rule {rule}"),
    "rule-broken": ("不合规则 {rule}：{why}", "rule {rule} is broken: {why}"),
    "deduct-off": ("细则没有为 {rule} 开启对居民扣分", "the policy does not allow {rule} to deduct from a person"),
    # stored columns
    "index-mismatch": ("存储列 {column} 与记录本身不符", "the stored column {column} differs from the entry"),
    "index-malformed": ("索引第 {line} 行读不出来或缺失", "line {line} of the index is malformed or missing"),
    "head-mismatch": ("存储的 {column} 与账本不符", "the stored {column} differs from the log"),
    # receipts
    "opening-bad": ("附言不合格式：{why}", "the opening is malformed: {why}"),
    "opening-mismatch": ("附言与记录中的承诺不符", "the opening does not match the record's commitment"),
    "custody-bad": (
        "密钥保管的说明不合格式：{why}",
        "what is told of the keys' custody is malformed: {why}",
    ),
    # statements
    "statement-bad": ("对账单不合格式：{why}", "the statement is malformed: {why}"),
    "recovery-wrong": ("恢复记录不成立：{why}", "the recovery does not hold: {why}"),
    "statement-wrong": (
        "对账单与账本里登记的根不符：{why}",
        "the statement does not lead to the root in the log: {why}",
    ),
    "statement-sum": (
        "所附记录与对账单对不上，可能漏了一条：{why}",
        "the enclosed entries do not add up to the statement, one may be missing: {why}",
    ),
    # paper
    "paper-bad": (
        "这不是纸质凭证上的码，或没有扫全：{why}",
        "this is no code of a paper receipt, or not all of it: {why}",
    ),
}


class Problem(Exception):
    """Something is wrong; ``code`` is a key of :data:`SENTENCES`, the values fill its blanks."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Unusable(Exception):
    """The input is no receipt and no export, or cannot be opened at all (exit code 2)."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.EROFS: "这里只能读，不能写",
}


def reason(error: OSError, lang: str) -> str:
    """Why the system refused a file, in words."""
    said = error.strerror or str(error)
    return _REASONS.get(error.errno or 0, said) if lang == "zh" else said


def safe(text: str | int, most: int = 120) -> str:
    """Text of the file under test, fit for a terminal: no control characters, at most ``most`` characters."""
    if isinstance(text, int):
        return str(text)
    shown = "".join(c if c.isprintable() else "?" for c in text[:most])
    return shown + ("…" if len(text) > most else "")


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    place: str
    values: tuple[tuple[str, str], ...] = ()

    def sentence(self, lang: str) -> str:
        zh, en = SENTENCES[self.code]
        return (zh if lang == "zh" else en).format(**dict(self.values))

    def line(self, lang: str) -> str:
        """``place: sentence [code]``, in ``zh`` or ``en``."""
        if lang == "zh":
            place = f"第 {self.place[6:]} 条" if self.place.startswith("entry ") else self.place
            return f"{place}：{self.sentence(lang)} [{self.code}]"
        return f"{self.place}: {self.sentence(lang)} [{self.code}]"


@dataclass(slots=True)
class Findings:
    """Collects what is wrong, bounded."""

    kept: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, code: str, **values: str | int) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            shown = tuple((name, safe(value)) for name, value in values.items())
            self.kept.append(Finding(code, safe(place), shown))

    def problem(self, place: str, problem: Problem) -> None:
        self.add(place, problem.code, **problem.values)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.kept)

    def __bool__(self) -> bool:
        return self.count > 0
