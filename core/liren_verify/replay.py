# SPDX-License-Identifier: Apache-2.0
"""The log, replayed entry by entry: order, keys, signatures, rules, balances (spec section 9).

Memory follows open accounts and records that something refers to, not the length of the log.
"""

from collections.abc import Callable

from liren_verify.accounts import Accounts, Kept, latest_first
from liren_verify.days import SHANGHAI, Calendar, earlier, zone
from liren_verify.findings import Findings, Problem
from liren_verify.keys import KeyRing
from liren_verify.moves import Scene, check_post
from liren_verify.note import MOST
from liren_verify.policy import Policy, parse_policy, unread
from liren_verify.records import Entry, Other, Post, Record
from liren_verify.recovery import CODE, follows, recovers
from liren_verify.signatures import SignatureQueue

KEY_DAYS = 31


class Replay:
    """One log from its first entry on; a recovery lets it go on under a new origin.

    :param origin: the log's origin, the last one where it had several
    :param findings: where problems go; an entry's place is ``entry <position>``
    :param body_of: the policy body of a digest, or None
    :param wanted: rids that later records refer to (from the stored index), or None to keep every record
    :param later: where signature checks go, or None to do each at once
    :param judge_days: False where the policies, and with them the time zone, are unknown (a receipt)
    """

    def __init__(
        self,
        origin: str,
        findings: Findings,
        body_of: Callable[[str], bytes | None],
        wanted: set[str] | None = None,
        judge_days: bool = True,
        later: SignatureQueue | None = None,
    ) -> None:
        self.origin = origin
        self.ended: dict[str, int] = {}
        """Earlier origins, and the position at which each ended."""
        self.ring = KeyRing(origin)
        self.scene = Scene(Accounts())
        self.last_ms = 0
        self.position = 0
        self._findings = findings
        self._body_of = body_of
        self._wanted = wanted
        self._judge_days = judge_days
        self._later = later
        self._rids: set[int] = set()
        self._calendar = self._calendar_of(None)

    @staticmethod
    def _calendar_of(policy: Policy | None) -> Calendar:
        tz = policy.zone if policy else zone(SHANGHAI)
        assert tz is not None
        return Calendar(tz)

    def skip(self) -> None:
        """Passes over an entry that could not be read."""
        self.position += 1

    def take(self, entry: Entry) -> None:
        """Checks and applies the next entry. A group of checks stops at its first problem and hides no other group."""
        record, scene = entry.record, self.scene
        if self.position == 0 and follows(self.origin, record.log):
            self._go_on(record.log)  # the first of several; whether it comes to the last is seen at the end
        if record.log != self.origin and not recovers(record):
            self._say("log-wrong", log=record.log)
        if entry.admitted_ms < self.last_ms:
            self._say("time-back")
        self.last_ms = entry.admitted_ms
        # 64-bit keyed hashes instead of the ids: a fraction of the memory; the key is new in each process.
        rid = hash(record.rid)
        if rid in self._rids:
            self._say("rid-repeated", rid=record.rid)
        self._rids.add(rid)
        scene.day = self._calendar.day(entry.admitted_ms)
        if record.eff != scene.day and self._judge_days and not _eff_fits(record, scene.day):
            self._say("eff-wrong", eff=record.eff, day=scene.day)
        signed = True
        try:
            self._check_signatures(entry)
        except Problem as problem:
            signed = False
            self._say(problem.code, **problem.values)
        try:
            if isinstance(record, Post):
                self._post(record)
            elif signed or not (record.kind == "key" or recovers(record)):  # a key nobody may add stays unknown
                self._other(record)
        except Problem as problem:
            self._say(problem.code, **problem.values)
        self.position += 1

    def _say(self, code: str, **values: str | int) -> None:
        self._findings.add(f"entry {self.position}", code, **values)

    def _check_signatures(self, entry: Entry) -> None:
        ring, record = self.ring, entry.record
        if self.position == 0:
            ring.start(entry)
            return
        later, reviewers = self._later, 0
        if isinstance(record, Post):
            if record.why == "award" and self.scene.policy:
                rule = self.scene.policy.rules.get(record.code)
                reviewers = rule.reviewers if rule else 0
        elif record.kind == "key" or recovers(record):
            later = None  # a key must be known to be genuine before it is used, and so must a new origin
        ring.authorise(record, ring.signers(entry.text, entry.lines, later, self.position), reviewers)

    # -- posts

    def _post(self, post: Post) -> None:
        scene = self.scene
        if post.policy != (scene.policy.digest if scene.policy else None):
            self._say("policy-stale")
        try:
            check_post(post, scene)
        except Problem as problem:
            self._say(problem.code, **problem.values)
        if post.ref is not None:
            self._note_returns(post)
        if self._wanted is None or post.rid in self._wanted:
            scene.kept[post.rid] = Kept.of(post)
        self._apply(post)

    def _apply(self, post: Post) -> None:
        """Moves the points, whatever was found: what follows is judged by the log as it is.

        :raises Problem: ``negative-balance`` after all postings, not between them
        """
        accounts, below = self.scene.accounts, False
        for asset, src, dst, amount in post.postings:
            below |= accounts.move(asset, src, -amount) < 0
            below |= accounts.move(asset, dst, amount) < 0
        if below:
            self._check_below(post)

    def _check_below(self, post: Post) -> None:
        for asset, *ends, _ in post.postings:
            for address in ends:
                after = self.scene.accounts.balance(asset, address)
                if after < 0 and (address != "issuance" or after < -MOST):
                    raise Problem("negative-balance", account=f"{asset} {address}")

    def _note_returns(self, post: Post) -> None:
        """Remembers what was given back or undone, whether or not the rules allowed it."""
        kept = self.scene.kept.get(post.ref or "")
        if kept is None or post.why not in ("void", "refund", "reverse"):
            return
        returned: Kept | None = kept
        if post.why == "refund":
            asset, escrow, merchant, _ = kept.postings[0]
            way = (asset, escrow, merchant)
            kept.undone[way] = kept.undone.get(way, 0) + sum(posting[3] for posting in post.postings)
            returned = self.scene.kept.get(kept.ref or "")
        elif post.why == "reverse" and kept.why in ("award", "clear"):
            for asset, src, dst, amount in post.postings:
                kept.undone[asset, dst, src] = kept.undone.get((asset, dst, src), 0) + amount
            return
        if returned is not None:
            _give_back(returned, post)

    # -- the other kinds

    def _other(self, record: Other) -> None:
        if record.kind == "key":
            if self.position:
                self.ring.apply(record, self.position)
        elif record.kind == "policy":
            digest = record.fields["digest"]
            self.scene.policy = unread(digest)
            try:
                body = self._body_of(digest)
                if body is None:
                    raise Problem("policy-missing", why=f"policies/{digest}.json")
                self.scene.policy = parse_policy(body, digest)
            finally:
                self._calendar = self._calendar_of(self.scene.policy)
        elif record.kind == "attest" and record.fields["subject"].startswith("slip/"):
            self.scene.slips.add(record.rid)
        elif recovers(record):
            if record.fields["code"] != CODE or not follows(record.log, self.origin):
                raise Problem("recovery-wrong", why="code or origin")
            self.ended[self.origin] = self.position
            self._go_on(record.log)

    def _go_on(self, origin: str) -> None:
        self.origin = self.ring.origin = origin


def _eff_fits(record: Record, day: str) -> bool:
    """Whether an ``eff`` other than the admission day is one of the two exceptions (rule 3)."""
    if record.kind == "key":
        return earlier(day, KEY_DAYS) <= record.eff < day
    return isinstance(record, Post) and record.why == "award" and record.eff < day


def _give_back(kept: Kept, post: Post) -> None:
    totals: dict[str, int] = {}
    for asset, _, _, amount in post.postings:
        totals[asset] = totals.get(asset, 0) + amount
    for asset, total in totals.items():
        for account, rest in latest_first(kept, asset):
            part = min(rest, total)
            kept.given[asset, account] = kept.given.get((asset, account), 0) + part
            total -= part
