# SPDX-License-Identifier: Apache-2.0
"""What other plugins may hear of cases: ids and states, never a title or a name."""

from liren.plugins.events import Event
from liren.plugins.flows import Case
from liren.store import Tx, outbox
from liren.web import N_


class CaseMoved(Event, frozen=True):
    """A case was opened (``step`` is ``opened``) or moved on."""

    name = "workflow.moved"
    title = N_("一件事往前走了一步")
    of: str
    """``<plugin>.<workflow>``."""
    case: str
    subject: str
    """The module's own id of what the case is about."""
    unit: str
    step: str
    state: str
    """The state it is in now."""


async def tell(tx: Tx, case: Case, step: str) -> None:
    """In the transaction of the step."""
    moved = CaseMoved(f"{case.plugin}.{case.workflow}", case.id, case.subject, case.unit, step, case.state)
    await outbox.emit(tx, "workflow", CaseMoved.name, CaseMoved.version, moved)
