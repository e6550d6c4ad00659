# SPDX-License-Identifier: Apache-2.0
"""Accounts and how one gets in: passwords, second factors, other ways, sessions, a fresh proof before what is grave."""
