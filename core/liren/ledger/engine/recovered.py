# SPDX-License-Identifier: Apache-2.0
"""What the first record of a new origin attests (``docs/ledger-spec.md`` 16): pure, for writing and for replay."""

from typing import Any, Final, cast

from liren.ledger.authority import keys
from liren.ledger.errors import Malformed
from liren.ledger.log import canonical, records
from liren.ledger.log.anchor import Mark
from liren.ledger.log.records import Attest, Record
from liren.ledger.rules.addresses import decode_id, encode_id

CODE: Final = f"{keys.CORE}.recovery"
FORMAT: Final = "liren/recovery/v1"
SUBJECT: Final = "recovery"


def recovers(record: Record) -> bool:
    return isinstance(record, Attest) and record.subject == SUBJECT


def body_of(restored: Mark, published: Mark, salt: bytes) -> bytes:
    """``recovery/<rid>.json`` of an export."""
    return canonical.encode(attested(restored, published) | {"salt": encode_id(salt)})


def attested(restored: Mark, published: Mark) -> dict[str, object]:
    def said(mark: Mark) -> list[object]:
        return [mark.origin, mark.size, mark.root.hex()]

    return {"anchor": said(published), "format": FORMAT, "restored": said(restored)}


def read_body(data: bytes) -> tuple[Mark, Mark, bytes]:
    """(restored, published, digest that the record must carry).

    :raises Malformed: not such a body
    """
    body = cast(dict[str, Any], canonical.decode(data))
    try:
        restored, published = (
            Mark(o, size, bytes.fromhex(root)) for o, size, root in (body["restored"], body["anchor"])
        )
        digest = records.attest_digest(decode_id(body["salt"]), canonical.encode(attested(restored, published)))
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("恢复记录的正文损坏。", "The body of a recovery is damaged.") from error
    return restored, published, digest
