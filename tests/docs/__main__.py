# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.docs``: writes the generated pages."""

from tests.docs import DOCS, written

for name, text in written().items():
    path = DOCS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
        print(f"docs/{name}")
