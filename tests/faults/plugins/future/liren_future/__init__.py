# SPDX-License-Identifier: Apache-2.0
"""Written for a contract that does not exist yet."""

raise AssertionError("must not be imported")
