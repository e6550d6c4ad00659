# SPDX-License-Identifier: Apache-2.0
"""The signed points ledger: double entry, append only, every record provable without this server.

Read it in this order: ``records`` and ``moves`` (what may be said), ``canonical``, ``note`` and ``merkle``
(how it is written down), ``keys`` (who may say it), ``posting`` (how a draft becomes a record),
``participant`` (how records become entries), ``reader``, ``receipts`` and ``export`` (how anyone reads them).
The formats stand in ``docs/ledger-spec.md``; ``liren_verify`` checks them and shares no code with us.
"""
