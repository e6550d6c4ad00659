# SPDX-License-Identifier: Apache-2.0
"""Who may sign what, where and under which policy, and in whose custody the private keys are."""
