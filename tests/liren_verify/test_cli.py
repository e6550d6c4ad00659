# SPDX-License-Identifier: Apache-2.0
"""The command: what it says in both languages, its exit codes, and that no file makes it fall over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.liren_verify.street import Street, zipped

from liren_verify.archive import Archive
from liren_verify.cli import main
from liren_verify.export import ExportCheck
from liren_verify.findings import SENTENCES, Findings


def _file(folder: Path, data: bytes) -> str:
    path = folder / "given"
    path.write_bytes(data)
    return str(path)


def _run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = main([*args])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out + err


def test_a_receipt_says_unit_rule_points_and_day(
    lived: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = _file(tmp_path, zipped(lived.receipt_members(9 + 2)))
    code, said = _run(capsys, receipt, "--lang", "zh")
    assert code == 0
    for word in ("2026-11-21", "03", "FX-01", "40 居民分", "志愿服务", "通过"):
        assert word in said
    assert lived.holder not in said
    code, said = _run(capsys, receipt, "--lang", "en")
    assert code == 0
    assert "40 resident points" in said


def test_an_export_says_how_many_entries_agree(
    lived: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = _file(tmp_path, lived.export())
    trust, old = tmp_path / "keys.note", tmp_path / "old"
    trust.write_bytes(lived.keys_note())
    old.write_bytes(lived.checkpoint("log/1", 12))
    code, said = _run(capsys, export, "--trust", str(trust), "--old-checkpoint", str(old), "--lang", "en")
    assert (code, f"{len(lived.entries)} entries" in said) == (0, True)
    assert _run(capsys, export, "--lang", "zh")[1].endswith("通过。\n")


def test_a_finding_is_one_sentence_with_its_place_in_either_language(
    street: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    street.award(101)
    export = _file(tmp_path, street.export())
    code, said = _run(capsys, export, "--lang", "zh")
    assert code == 1
    assert "第 10 条：不合规则 FX-01" in said
    code, said = _run(capsys, export, "--lang", "en")
    assert code == 1
    assert "entry 10: rule FX-01 is broken: amount [rule-broken]" in said


def test_many_findings_are_counted_not_poured_out(
    street: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(80):
        street.award(5, "stranger/1")
    code, said = _run(capsys, _file(tmp_path, street.export()), "--lang", "en")
    assert code == 1
    assert "30 more" in said
    assert "80 findings" in said


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06" + b"\0" * 18, zipped({}), zipped({"readme": b"x"})])
def test_what_is_neither_receipt_nor_export_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    code, said = _run(capsys, _file(tmp_path, data))
    assert code == 2
    assert said.strip()


def test_files_that_cannot_be_used_end_with_2(
    lived: Street, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = _file(tmp_path, lived.export())
    assert _run(capsys, str(tmp_path / "nowhere"))[0] == 2
    assert _run(capsys, str(tmp_path))[0] == 2
    assert _run(capsys, export, "--trust", export)[0] == 2
    assert _run(capsys, export, "--old-checkpoint", export)[0] == 2
    assert _run(capsys, export, "--trust", str(tmp_path / "nowhere"))[0] == 2


def test_what_a_hurried_hand_types_is_answered_in_words_and_ends_with_2(lived: Street, tmp_path: Path) -> None:
    export, whole = _file(tmp_path, lived.export()), lived.export()
    half = tmp_path / "half.zip"
    half.write_bytes(whole[: len(whole) // 2])
    os.mkfifo(pipe := tmp_path / "pipe")
    cases: list[tuple[list[str], str, str]] = [
        ([], "命令写得不对", "either FILE or --page"),
        ([export, "--page", str(tmp_path / "page.html")], "命令写得不对", "either FILE or --page"),
        ([export, "--nope"], "命令写得不对", "unrecognized arguments"),
        ([str(half)], "没有下载或复制完", "not copied to its end"),
        ([str(tmp_path / "nowhere")], "没有这个文件", "No such file"),
        ([str(tmp_path)], "文件夹", "Is a directory"),
        ([str(pipe)], "不是一个文件", "is not a file"),
        (["/dev/zero"], "不是一个文件", "is not a file"),
        (["--page", str(tmp_path / "no" / "page.html")], "没有这个文件或文件夹", "cannot be written: No such file"),
    ]
    for args, zh, en in cases:
        for lang, words in (("zh", zh), ("en", en)):
            run = _apart([*args, "--lang", lang])
            assert (run.returncode, words in run.stderr, "Traceback" in run.stderr) == (2, True, False), (args, run)
    assert not (tmp_path / "page.html").exists()


def test_a_terminal_that_knows_no_chinese_gets_question_marks_and_the_right_exit_code(
    lived: Street, tmp_path: Path
) -> None:
    export = _file(tmp_path, lived.export())
    for args, code in (([export], 0), (["--help"], 0), ([str(tmp_path / "nowhere")], 2), (["--nope"], 2)):
        run = _apart([*args, "--lang", "zh"], PYTHONIOENCODING="ascii")
        assert (run.returncode, "Traceback" in run.stderr) == (code, False), (args, run.stderr)


def test_however_many_processes_are_asked_for_there_are_no_more_than_sixteen(tmp_path: Path, lived: Street) -> None:
    with Archive(Path(_file(tmp_path, lived.export()))) as archive:
        check = ExportCheck(archive, Findings(), 100_000)
        assert check._jobs() == 16


def _apart(args: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "liren_verify", *args]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | env, timeout=60, stdin=subprocess.DEVNULL
    )


def test_every_sentence_exists_in_both_languages_with_the_same_blanks() -> None:
    import string

    for code, (zh, en) in SENTENCES.items():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
        assert blanks[0] == blanks[1], code
        assert zh != en


def test_the_verifier_imports_nothing_of_what_it_checks(lived: Street, tmp_path: Path) -> None:
    script = (
        "import sys; from liren_verify.cli import main; code = main(sys.argv[1:]);"
        "own = {m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names);"
        "print(sorted(m for m in own if m.startswith('liren') or m in ('click', 'msgspec', 'rfc8785', 'piccolo')));"
        "sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, _file(tmp_path, lived.export())], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert run.stdout.splitlines()[-1] == "['liren_verify']"


def test_the_spec_lists_every_finding_with_its_sentences() -> None:
    spec = (Path(__file__).parents[2] / "docs" / "ledger-spec.md").read_text()
    for code, (zh, en) in SENTENCES.items():
        assert f"| `{code}` | {zh} | {en} |" in spec


def test_a_reader_that_leaves_early_does_no_harm(street: Street, tmp_path: Path) -> None:
    for _ in range(60):
        street.award(5, "stranger/1")
    command = f'"{sys.executable}" -m liren_verify "{_file(tmp_path, street.export())}" --lang en | true'
    run = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "")
