# SPDX-License-Identifier: Apache-2.0
"""What is sensitive: labels a street defines, each with its own consent, and guardians who agree for somebody."""
