# SPDX-License-Identifier: Apache-2.0
"""Its manifest cannot be read."""

raise AssertionError("must not be imported")
