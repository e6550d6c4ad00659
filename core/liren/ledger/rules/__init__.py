# SPDX-License-Identifier: Apache-2.0
"""What may move, where to and until when: pure, a page each."""
