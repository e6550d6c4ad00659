# SPDX-License-Identifier: Apache-2.0
"""How modules come and go: the signed index, what a wheel would bring, installing, removing with an export.

Used by the command line; the console only shows. pip does the installing, this package decides what pip may do.
"""
