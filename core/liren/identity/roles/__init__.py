# SPDX-License-Identifier: Apache-2.0
"""Who may do what where: roles granted at a unit for a term, and the administrators that must never run out."""
