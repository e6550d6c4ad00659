# SPDX-License-Identifier: Apache-2.0
"""Never comes back from its import."""

import threading

threading.Event().wait()
