# SPDX-License-Identifier: Apache-2.0
"""The private key of whoever publishes an index: one line in a file of their own, readable by them alone.

The line is ``PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ seed)>``, the private counterpart of a verifier key.
"""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from liren.ledger.errors import Malformed
from liren.ledger.log.note import ED25519, SigningKey
from liren.packaging.errors import BadIndex

PREFIX = "PRIVATE+KEY+"


def make(name: str, file: Path) -> SigningKey:
    """:raises BadIndex: the file is there already, or the name cannot be a key's"""
    try:
        key = SigningKey.generate(name)
    except Malformed as error:
        raise BadIndex(
            f"“{name}”不能用作密钥名：不能有空格和加号。例如 it.example/modules。",
            f"{name!r} cannot name a key: no spaces, no plus signs. For example it.example/modules.",
        ) from error
    line = f"{PREFIX}{name}+{key.key_id.hex()}+{b64encode(ED25519 + key.seed).decode()}\n"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadIndex(
            f"{file} 已经有了，没有动它。请换一个文件名。",
            f"{file} is there already and was left alone. Choose another file name.",
        ) from error
    with os.fdopen(handle, "w") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    return key


def read(file: Path) -> SigningKey:
    """:raises BadIndex: there is no such file, others may read it, or there is no key in it"""
    try:
        if file.stat().st_mode & 0o077:
            raise BadIndex(
                f"别人也能读到私钥 {file}，没有使用。请先运行 chmod 600 {file}。",
                f"Others may read the private key {file}; it was not used. First run: chmod 600 {file}",
            )
        line = file.read_text("utf-8").strip()
        name, key_id, raw = line.removeprefix(PREFIX).split("+", 2)
        secret = b64decode(raw, validate=True)
        key = SigningKey(name, secret[1:])
        if not line.startswith(PREFIX) or secret[:1] != ED25519 or key.key_id.hex() != key_id:
            raise ValueError("not a private key")
    except (OSError, UnicodeError, ValueError, Malformed) as error:
        raise BadIndex(
            f"{file} 里没有可用的私钥。请核对路径，或用 liren index key 新做一把。",
            f"There is no usable private key in {file}. Check the path, or make one with liren index key.",
        ) from error
    return key
