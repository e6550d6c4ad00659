# SPDX-License-Identifier: Apache-2.0
"""People as Excel: read, judged row by row, registered without anybody seeing half of it."""
