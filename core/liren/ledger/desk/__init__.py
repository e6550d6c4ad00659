# SPDX-License-Identifier: Apache-2.0
"""What the street posts by two people or by the calendar, and what its auditors leaf through."""
