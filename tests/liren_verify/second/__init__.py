# SPDX-License-Identifier: Apache-2.0
"""A second reader of the ledger's files, written from ``docs/ledger-spec.md`` alone: a judge over the verifier.

It shares no code with ``liren``, ``liren_verify`` or the other test writers, stops at the first fault and says its
place and code. Where it and the verifier disagree, the specification is unclear or one of the two is wrong.
"""
