# SPDX-License-Identifier: Apache-2.0
"""The stranger's own tests run where the plugin is installed, not here."""

collect_ignore = ["liren-noticeboard", "liren-wishes", "liren-garden", "liren-clumsy"]
