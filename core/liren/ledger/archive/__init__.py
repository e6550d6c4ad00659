# SPDX-License-Identifier: Apache-2.0
"""The whole log at once: exported, brought back, replayed, checked, recovered."""
