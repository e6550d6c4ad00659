# SPDX-License-Identifier: Apache-2.0
"""``liren-verify FILE``: checks a receipt, a statement or an export without asking any server.

Exit codes: 0 nothing wrong, 1 findings, 2 the input cannot be used. Never a traceback, whatever the input.
"""

import argparse
import locale
import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from liren_verify import export, paper, receipt, statement, twin
from liren_verify.archive import Archive
from liren_verify.findings import Findings, Problem, Unusable, reason
from liren_verify.keysnote import MOST_BYTES, KeysNote, parse_keys
from liren_verify.note import Checkpoint, parse_checkpoint

SHOWN = 50
"""Findings printed; the rest is counted."""


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


class _Parser(argparse.ArgumentParser):
    """Says in Chinese too that the command was typed wrongly."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"命令写得不对，用法见 {self.prog} --help。\n{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="liren-verify",
        description="Checks a Liren receipt, statement or export offline. 离线核验凭证、对账单或账本导出。",
    )
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        help="receipt, statement (.liren-…), export (.zip), or a text file with both paper codes",
    )
    parser.add_argument(
        "--page", type=Path, metavar="OUT.HTML", help="write the offline page for phones 写出离线核验页 (takes --trust)"
    )
    parser.add_argument("--trust", type=Path, metavar="KEYS.NOTE", help="the key list you trust 您信任的密钥清单")
    parser.add_argument("--old-checkpoint", type=Path, metavar="FILE", help="an older checkpoint 以前保存的检查点")
    parser.add_argument("--jobs", type=int, default=None, metavar="N", help="processes to use 并行进程数")
    parser.add_argument("--lang", choices=("zh", "en"), default=None)
    return parser


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Unusable(
            f"打不开 {path}：{reason(error, 'zh')}。", f"{path} cannot be opened: {reason(error, 'en')}."
        ) from None
    if len(data) > most:
        raise Unusable(f"{path} 过大。", f"{path} is too large.")
    return data


def _inputs(trust: Path | None, old: Path | None) -> tuple[KeysNote | None, Checkpoint | None]:
    try:
        trusted = parse_keys(_read(trust, MOST_BYTES)) if trust else None
    except Problem:
        raise Unusable(f"{trust} 不是密钥清单（keys.note）。", f"{trust} is not a key list (keys.note).") from None
    try:
        checkpoint = parse_checkpoint(_read(old, 2**16)) if old else None
    except Problem:
        raise Unusable(f"{old} 不是检查点。", f"{old} is not a checkpoint.") from None
    return trusted, checkpoint


def verify(
    path: Path, findings: Findings, trust: Path | None, old: Path | None, lang: str, jobs: int | None = None
) -> list[str]:
    """Checks a file of any kind and returns what it proves where nothing was found.

    :raises Unusable: no receipt, statement or export
    """
    trusted, checkpoint = _inputs(trust, old)
    if path.exists() and not path.is_file() and not path.is_dir():  # a pipe would be waited for, a device has no end
        raise Unusable(f"{path} 不是一个文件。", f"{path} is not a file.")
    if (codes := _paper(path)) is not None:
        if trusted is None:
            raise Unusable(
                "核验纸质凭证要有密钥清单：请加上 --trust keys.note。",
                "A paper receipt is checked against a key list: add --trust keys.note.",
            )
        proven = paper.verify_paper(*codes, trusted, findings)
        return receipt.told(proven, lang) if proven and not findings else []
    with Archive(path) as archive:
        if "manifest.json" in archive.names:
            exported = export.verify_export(archive, findings, trusted, checkpoint, jobs)
            return export.told(exported, lang) if exported and not findings else []
        if "statement.json" in archive.names:
            stated = statement.verify_statement(archive, findings, trusted)
            return statement.told(stated, lang) if stated and not findings else []
        if "entry" in archive.names or "proof.tlog-proof" in archive.names:
            facts = receipt.verify_receipt(archive, findings, trusted)
            return receipt.told(facts, lang) if facts and not findings else []
    raise Unusable("这不是凭证、对账单或账本导出。", "This is no receipt, statement or export.")


def _paper(path: Path) -> tuple[str, str] | None:
    """The codes of a small text file; None for anything else."""
    try:
        with path.open("rb") as file:
            raw = file.read(3 * paper.MOST_CODE)
        codes = raw.decode("ascii").split()
    except (OSError, UnicodeDecodeError):
        return None
    return (codes[0], codes[1]) if len(codes) == 2 else None


def _report(findings: Findings, told: Sequence[str], lang: str) -> int:
    for finding in findings.kept[:SHOWN]:
        print(finding.line(lang))
    if findings.count > SHOWN:
        more = findings.count - SHOWN
        print(f"……另有 {more} 处" if lang == "zh" else f"… and {more} more")
    for line in told:
        print(line)
    if findings:
        print(
            f"不通过：发现 {findings.count} 处问题。"
            if lang == "zh"
            else f"NOT valid: {findings.count} finding{'s' if findings.count > 1 else ''}."
        )
        return 1
    print("通过。" if lang == "zh" else "Valid.")
    return 0


def _write_page(out: Path, trust: Path | None, lang: str) -> int:
    try:
        trusted = _read(trust, MOST_BYTES) if trust else None
        if trusted is not None:
            _inputs(trust, None)
        page = twin.build(trusted)
        out.write_bytes(page)
    except Unusable as error:
        print(error.zh if lang == "zh" else error.en, file=sys.stderr)
        return 2
    except OSError as error:
        why = reason(error, lang)
        print(f"写不了 {out}：{why}。" if lang == "zh" else f"{out} cannot be written: {why}.", file=sys.stderr)
        return 2
    print(f"SHA-256 {twin.digest(page)}  {out}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = _parser()
    args = parser.parse_args(argv)
    lang = args.lang or _language()
    if (args.file is None) == (args.page is None):
        parser.error("FILE 或 --page OUT.HTML，两者选一 either FILE or --page OUT.HTML")
    if args.page is not None:
        return _write_page(args.page, args.trust, lang)
    findings = Findings()
    try:
        told = verify(args.file, findings, args.trust, args.old_checkpoint, lang, args.jobs)
    except Unusable as error:
        print(error.zh if lang == "zh" else error.en, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("已中止，没有结论。" if lang == "zh" else "Stopped: no verdict.", file=sys.stderr)
        return 2
    except (MemoryError, RecursionError, BrokenExecutor):
        print("文件无法处理。" if lang == "zh" else "The file cannot be processed.", file=sys.stderr)
        return 2
    try:
        code = _report(findings, told, lang)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has gone: the exit code still tells
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1 if findings else 0
    return code


if __name__ == "__main__":
    sys.exit(main())
