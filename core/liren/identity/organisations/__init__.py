# SPDX-License-Identifier: Apache-2.0
"""Legal and other organisations, who belongs to them, and their pages."""
