# SPDX-License-Identifier: Apache-2.0
"""Requires the notice board, and nothing else."""
