# SPDX-License-Identifier: Apache-2.0
"""红: for the New Year and other good days. Data only: `static/festive.css` holds its tokens."""
