# SPDX-License-Identifier: Apache-2.0
"""Questions to the ledger; nothing here writes but a token."""
