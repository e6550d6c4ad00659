# SPDX-License-Identifier: Apache-2.0
"""keys.note: the root's verifier key, every key entry and every recovery with its position (end of spec section 7)."""

import base64
import re
from dataclasses import dataclass

from liren_verify.findings import Findings, Problem
from liren_verify.note import MOST, ORIGIN, unbase64
from liren_verify.records import MOST_ENTRY, Other, parse_entry
from liren_verify.recovery import recovers, same_street
from liren_verify.replay import Replay

MOST_BYTES = 16 * 2**20
_HEAD = re.compile(r"liren/keys/v1\norigin ([^\n]{1,130})\nroot ([^\n]{1,300})\n")
_LINE = re.compile(r"(0|[1-9][0-9]{0,15}) ([A-Za-z0-9+/]+={0,2})")


def head(origin: str, root: str) -> bytes:
    return f"liren/keys/v1\norigin {origin}\nroot {root}\n".encode()


def line(position: int, entry: bytes) -> bytes:
    return b"%d %s\n" % (position, base64.b64encode(entry))


@dataclass(frozen=True, slots=True)
class KeysNote:
    origin: str
    root: str
    """The root's verifier key."""
    entries: tuple[tuple[int, bytes], ...]


def parse_keys(raw: bytes) -> KeysNote:
    """:raises Problem: ``keys-bad``"""
    if len(raw) > MOST_BYTES:
        raise Problem("keys-bad", why="too large")
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise Problem("keys-bad", why="not ASCII") from None
    match = _HEAD.match(text)
    if match is None or not ORIGIN.fullmatch(match[1]) or not text.endswith("\n"):
        raise Problem("keys-bad", why="first lines")
    entries: list[tuple[int, bytes]] = []
    for row in text[match.end() : -1].split("\n"):
        parts = _LINE.fullmatch(row)
        entry = unbase64(parts[2]) if parts else None
        if parts is None or entry is None or len(entry) > MOST_ENTRY:
            raise Problem("keys-bad", why=f"line {len(entries) + 4}")
        position = int(parts[1])
        if position > MOST or position <= (entries[-1][0] if entries else -1):
            raise Problem("keys-bad", why="positions do not ascend")
        entries.append((position, entry))
    if entries[0][0] != 0:
        raise Problem("keys-bad", why="entry 0 is missing")
    return KeysNote(match[1], match[2], tuple(entries))


def check_trust(trusted: KeysNote, origin: str, root: str, entries: dict[int, bytes], size: int) -> Problem | None:
    """Whether a log's root and key entries are those a person trusts.

    ``entries`` are the log's key entries by position, ``size`` is how far it goes.
    """
    if not same_street(trusted.origin, origin):
        return Problem("trust-mismatch", why="origin")
    if trusted.root != root:
        return Problem("trust-mismatch", why="root")
    for position, entry in trusted.entries:
        if position < size and entries.get(position) != entry:
            return Problem("trust-mismatch", why=f"entry {position}")
    return None


def feed(replay: Replay, entries: tuple[tuple[int, bytes], ...], findings: Findings) -> None:
    """Takes key entries into a replay, which checks their signatures; positions are those the list claims."""
    for position, raw in entries:
        place = f"keys.note entry {position}"
        try:
            entry = parse_entry(raw)
        except Problem as problem:
            findings.problem(place, problem)
            continue
        if not isinstance(entry.record, Other) or not (entry.record.kind == "key" or recovers(entry.record)):
            findings.add(place, "keys-bad", why="not a key record")
            continue
        replay.position = position
        replay.take(entry)
