# SPDX-License-Identifier: Apache-2.0
"""Acting for someone (代办): consents, caps and slips."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from liren.plugins.acting import How, Mandate, Slip
from liren.plugins.services.writing import Outbox

if TYPE_CHECKING:
    from liren.plugins.context import Context


class Acting(Protocol):
    """Acting for someone (代办): ``ctx.acting``. Deeds are the plugin's own, by name; "the visitor" is who acts."""

    async def for_whom(self, deed: str) -> Sequence[Mandate]:
        """Every consent the visitor has now to do this for somebody; the newest first."""
        ...

    async def mandate(self, mandate: str, deed: str) -> Mandate:
        """What the page was given as ``?mandate=<id>``, checked: it is the visitor's and holds.

        :raises NotFound: no such consent, or not the visitor's, or the person is outside their area
        :raises NoConsent: over, withdrawn, or not for this deed
        :raises NotForThem: themself, a worker's own household, dead or moved away, wants no worker
        """
        ...

    async def begin(self, tx: Outbox, person: str, how: How, deeds: Sequence[str]) -> Mandate:
        """A worker's consent taken on the spot (``on-site`` or ``paper``) where the plugin's own page asks for it.

        :raises NotFound: the person is outside the visitor's area; :raises NotForThem: as in :meth:`mandate`
        """
        ...

    async def left(self, mandate: Mandate, deed: str) -> int:
        """How much of the cap is left this month, in the deed's measure; for the page: ``did`` counts for sure."""
        ...

    async def did(
        self,
        tx: Outbox,
        mandate: Mandate,
        deed: str,
        *,
        amount: int,
        text: str,
        subject: str,
        record: str | None = None,
    ) -> Slip:
        """Put an act on record, in the transaction that does it: everything is asked again, the cap is counted, the
        slip numbered, the person told, and some acts are given to a reviewer.

        :param amount: in the deed's measure; 0 where it cost nothing
        :param text: what was done, in one line the person reads: 鸡蛋 1 份，20 分
        :param subject: the plugin's own id of it, once a deed
        :param record: ``Posted.rid`` where points moved: the slip then carries its QR code
        :raises CapReached: (409) nothing was done
        :raises LirenError: as in :meth:`mandate`
        """
        ...

    async def slip_of(self, deed: str, subject: str) -> Slip | None:
        """Whether this was done by somebody else; whoever the visitor is."""
        ...

    async def slip(self, slip: str) -> Slip | None:
        """By its id; whoever the visitor is."""
        ...


class ActingDesk(Protocol):
    """The floor of acting."""

    def of(self, ctx: "Context") -> Acting: ...
