# SPDX-License-Identifier: Apache-2.0
"""The people of the street: who they are, where they live and belong, found, listed, moved, mended."""
