# SPDX-License-Identifier: Apache-2.0
"""朴: the theme every street starts with. Data only: `static/plain.css` holds its tokens."""
