# SPDX-License-Identifier: Apache-2.0
"""The offline verifier, written from ``docs/ledger-spec.md`` alone.

It imports nothing of the engine it checks, only the standard library and ``cryptography``.
"""
