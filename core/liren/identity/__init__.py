# SPDX-License-Identifier: Apache-2.0
"""People, organisations, accounts, sessions and roles: who somebody is, and what they may do where."""
