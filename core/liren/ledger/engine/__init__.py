# SPDX-License-Identifier: Apache-2.0
"""From a draft to a signed record to rows on the disk: a transaction, then a batch at a time."""
