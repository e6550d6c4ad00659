# SPDX-License-Identifier: Apache-2.0
"""The manifest of an export, and the names an export may hold (spec section 13)."""

import re
from dataclasses import dataclass

from liren_verify import canonical
from liren_verify.archive import Archive
from liren_verify.findings import Findings, Problem
from liren_verify.note import MOST, ORIGIN

PER_FILE = 4096
"""Entries in a file of ``entries/``."""
MOST_MANIFEST = 8 * 2**20
RECOVERY_NAME = re.compile(r"recovery/[A-Za-z0-9_-]{22}\.json")
POLICY_NAME = re.compile(r"policies/[A-Za-z0-9_-]{43}\.json")


@dataclass(frozen=True, slots=True)
class Manifest:
    origin: str
    size: int
    files: dict[str, str]


def parse_manifest(raw: bytes) -> Manifest:
    """:raises Problem: ``manifest-bad``"""
    value = canonical.decode(raw, "manifest-bad")
    if not isinstance(value, dict) or value.keys() != {"files", "format", "origin", "size"}:
        raise Problem("manifest-bad", why="members")
    origin, size, files = value["origin"], value["size"], value["files"]
    if value["format"] != "liren/export/v1":
        raise Problem("manifest-bad", why="format")
    if not isinstance(origin, str) or not ORIGIN.fullmatch(origin):
        raise Problem("manifest-bad", why="origin")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MOST:
        raise Problem("manifest-bad", why="size")
    if not isinstance(files, dict):
        raise Problem("manifest-bad", why="files")
    for digest in files.values():
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise Problem("manifest-bad", why="files")
    return Manifest(origin, size, files)


def check_names(archive: Archive, manifest: Manifest, findings: Findings) -> None:
    """Members that are missing, not listed, or do not belong into an export; no name is ever used as a path."""
    there, listed = archive.names - {"manifest.json"}, set(manifest.files)
    needed = {"keys.note", "checkpoint", "index.jsonl", "head.json"}
    for name in sorted(needed & there - listed):
        findings.add("manifest.json", "manifest-bad", why=f"{name} is not listed")
    for name in sorted((needed | listed) - there):
        findings.add(name, "member-missing")
    files = -(-manifest.size // PER_FILE)
    for name in sorted(there - needed - ({"statements.json"} & listed)):
        number = re.fullmatch(r"entries/([0-9]{6,12})\.bin", name)
        fits = number and f"{int(number[1]):06d}" == number[1] and int(number[1]) < files
        if name not in listed or not (fits or POLICY_NAME.fullmatch(name) or RECOVERY_NAME.fullmatch(name)):
            findings.add(name, "member-extra")
    for name in archive.repeated:
        findings.add(name, "member-extra")
