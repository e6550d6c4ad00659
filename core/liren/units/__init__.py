# SPDX-License-Identifier: Apache-2.0
"""The unit tree of a street: street, communities, grids, buildings, stairs, and the dwellings in them."""
