# SPDX-License-Identifier: Apache-2.0
"""Signed notes against the reference checkpoint of the format page, and everything a forger might try."""

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.ledger.errors import Malformed
from liren.ledger.log.note import SigningKey, VerifierKey, check_public, open_note, seal_note, verify_note

NAME = "street.example/log/1"
KEY = SigningKey(NAME, bytes(range(32)))
VKEY = "street.example/log/1+c217a652+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
TEXT = b"street.example/log/1\n7\n3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=\n"
CHECKPOINT = (
    TEXT
    + (
        "\n— street.example/log/1 "
        "whemUmUBK7s5+LfHq7rXaVMv71pT+sw8O1mwQWP3KmcDlTh6CEeMRGYkICUv2MSLSeMQetKN4/Rzic365gOYCRlcrAY=\n"
    ).encode()
)


def test_the_reference_checkpoint_comes_out_byte_for_byte() -> None:
    assert str(KEY.verifier) == VKEY
    assert seal_note(TEXT, KEY) == CHECKPOINT
    assert verify_note(CHECKPOINT, VerifierKey.parse(VKEY)) == (TEXT, (KEY.verifier,))


@given(st.integers(0, len(CHECKPOINT) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, flip: int) -> None:
    broken = bytearray(CHECKPOINT)
    broken[at] ^= flip
    with pytest.raises(Malformed):
        verify_note(bytes(broken), KEY.verifier)


def test_unknown_signers_are_ignored_but_one_known_must_be_there() -> None:
    other = SigningKey("someone.example/key", bytes(32))
    both = seal_note(b"hello\n", other, KEY)
    assert verify_note(both, KEY.verifier)[1] == (KEY.verifier,)
    assert verify_note(both, KEY.verifier, other.verifier)[1] == (other.verifier, KEY.verifier)
    with pytest.raises(Malformed, match="none of the known keys"):
        verify_note(seal_note(b"hello\n", other), KEY.verifier)


def test_a_known_key_with_a_wrong_signature_spoils_the_note() -> None:
    other = SigningKey("someone.example/key", bytes(32))
    text, (first, second) = open_note(seal_note(b"hello\n", other, KEY))
    wrong = replace(second, value=bytes(64))
    forged = b"".join((text, b"\n", first.line().encode(), wrong.line().encode()))
    with pytest.raises(Malformed):
        verify_note(forged, KEY.verifier, other.verifier)


def test_the_text_ends_at_the_last_blank_line() -> None:
    text = b"one\n\ntwo\n"
    assert open_note(seal_note(text, KEY))[0] == text


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"no signature\n",
        b"text\n\n",
        b"text\n\n- name AAAAAAA=\n",
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na me AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "text\n\n— name AAAAAAA=".encode(),
        "te\rxt\n\n— name AAAAAAA=\n".encode(),
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\n\n" + "— name AAAAAAA=\n".encode() * 2,
    ],
)
def test_malformed_notes_are_refused(note: bytes) -> None:
    with pytest.raises(Malformed):
        open_note(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c217a652+AQOhB7",
        VKEY.replace("c217a652", "c217a653"),
        VKEY.replace("c217a652", "C217A652"),
        VKEY.replace("street", "strect"),
    ],
)
def test_a_verifier_key_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


@pytest.mark.parametrize("bad", ["", "a b", "a+b", "a\u3000b", "x" * 201])
def test_a_key_name_has_no_space_and_no_plus(bad: str) -> None:
    with pytest.raises(Malformed):
        SigningKey.generate(bad)


@pytest.mark.parametrize(
    "public",
    [
        bytes(32),
        bytes([1]) + bytes(31),
        bytes([0xEC]) + b"\xff" * 30 + b"\x7f",
        bytes([0xEE]) + b"\xff" * 30 + b"\x7f",  # y = p + 1: a second spelling of the neutral element
        bytes([1]) + bytes(30) + b"\x80",
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        b"short",
    ],
)
def test_weak_public_keys_are_refused(public: bytes) -> None:
    with pytest.raises(Malformed):
        check_public(public)
    if len(public) == 32:
        key = VerifierKey("weak", public)
        encoded = b64encode(b"\x01" + public).decode()
        with pytest.raises(Malformed):
            VerifierKey.parse(f"weak+{key.key_id.hex()}+{encoded}")
