# SPDX-License-Identifier: Apache-2.0
"""The kernel: finds plugins, reads their manifests, orders, loads, isolates and calls them."""
