# SPDX-License-Identifier: Apache-2.0
"""What becomes of keys: the founding, rotation and revocation, the recovery sheet."""
