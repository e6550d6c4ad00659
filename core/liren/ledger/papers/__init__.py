# SPDX-License-Identifier: Apache-2.0
"""What a holder takes home: receipts, passbook, statements, on screen, as files, on paper."""
