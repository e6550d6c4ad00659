# SPDX-License-Identifier: Apache-2.0
"""One small log for each rule of posting and of keys that a record can break, and for some that it just keeps.

The stories are those of our own verifier's tests; the wrong record is the last one and the only thing to be found.
"""

from typing import Final

from tests.liren_verify.street import Street
from tests.liren_verify.test_edges import EDGES
from tests.liren_verify.test_key_rules import KEYS, SIGNERS
from tests.liren_verify.test_rules import AWARDS, ENDS, MOVES, RETURNS

STORIES: Final = {**MOVES, **AWARDS, **RETURNS, **ENDS, **SIGNERS, **KEYS, **EDGES}
WRITTEN: Final = (
    "an award out of nothing",
    "a budget in money",
    "an award of two postings",
    "spending what is not there",
    "issuance at its bottom",
    "issuance below its bottom",
    "32 postings",
    "33 postings",
    "a record of 8192 bytes",
    "a record of 8193 bytes",
    "five signatures",
    "no such rule",
    "above the rule",
    "an effective day still to come",
    "no policy named",
    "an order between two policies",
    "a settlement under the policy of its spend",
    "later points before earlier ones",
    "to the account that ends first",
    "to another person",
    "partial reversals that add up",
    "partial reversals that add up to more",
    "a reversal reversed",
    "a reversal into debt",
    "a clearing reversed by half",
    "cleared against a document",
    "a closing given back latest first",
    "a closing given back to the account that ends first",
    "an order of two pseudonyms given back in part",
    "one pseudonym gets back what the other spent",
    "two past accounts given back into one",
    "two past accounts given back into two",
    "closed in part",
    "closed with what is past",
    "expired in the last millisecond",
    "expired a millisecond later",
    "spent after their last day",
    "deducted from a person without a legal basis",
    "one signature where the rule asks for two",
    "a plugin under a foreign code",
    "a community giving itself a budget",
    "a revoked key",
    "a key used in the entry before it was revoked",
    "a key signed a month before",
    "a key signed 32 days before",
    "a reviewer of two units",
    "a reviewer of other units",
    "a reviewer who ends the own key",
    "a unit certified by the street instead of the root",
    "a community that may give budgets",
    "one public key for two roles",
    "a weak key",
)


def broken() -> dict[str, tuple[bytes, list[list[str]]]]:
    """File name → (an export, expected findings)."""
    found = {}
    for name in WRITTEN:
        code, story = STORIES[name]
        street = Street(seed=3).founded()
        story(street)
        slug = name.replace("'", "").replace(" ", "-")
        found[f"log-{slug}.liren-export.zip"] = (
            street.export(),
            [[f"entry {len(street.entries) - 1}", code]] if code else [],
        )
    return found
