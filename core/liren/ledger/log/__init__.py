# SPDX-License-Identifier: Apache-2.0
"""The signed log to the byte: records, notes, the tree over them, and the anchor."""
