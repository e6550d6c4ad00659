# SPDX-License-Identifier: Apache-2.0
"""What a module can provide beside pages: a way to sign in, a way to forward, hits, events, rule templates.

Messages go into :data:`SENT` instead of a gateway; a text beginning with 坏 fails, as gateways do.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liren import hookimpl
from liren.api import Context, Event, Hit, LoginMethod, Proved, Received, RuleTemplate, Sent, Signer, _

SENT: list[tuple[str, str, str]] = []
HEARD: list[Received] = []
CODES: dict[str, str] = {}


class Knocked(Event, frozen=True):
    """Somebody knocked at a door."""

    name = "relay.knocked"
    title = _("敲门")
    person: str
    day: str
    quantity: int = 1


class Card:
    """A signing device of software: keys in memory, unplugged when a test says so."""

    def __init__(self) -> None:
        self.keys: dict[bytes, Ed25519PrivateKey] = {}
        self.unplugged = False
        self.confused = False

    def make(self, name: str) -> bytes:
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        self.keys[public] = key
        return public

    def sign(self, public: bytes, message: bytes) -> bytes:
        if self.unplugged:
            raise OSError("no card")
        return self.keys[public].sign(b"something else" if self.confused else message)


CARD = Card()


async def begin(ctx: Context, typed: str) -> str:
    CODES[typed] = "135790"
    return typed


async def finish(ctx: Context, state: str, answer: str) -> Proved | None:
    return Proved(phone=state) if CODES.pop(state, None) == answer else None


@hookimpl
def register_events() -> Sequence[type[Event]]:
    return [Knocked]


@hookimpl
def register_point_rules() -> Sequence[RuleTemplate]:
    return [RuleTemplate("relay.visit", _("敲门看望"), "dedication", _("次"), 2, daily_cap=3, event="relay.knocked")]


@hookimpl
def login_method() -> LoginMethod:
    return LoginMethod("sms", _("短信验证码登录"), _("手机号"), _("短信里的 6 位数字"), begin, finish)


@hookimpl
def signer() -> Signer:
    return CARD


@hookimpl
async def notifier(ctx: Context, person: str, text: str, link: str) -> Sent:
    if text.startswith("坏"):
        raise ConnectionError("the gateway is away")
    SENT.append((person, text, link))
    return Sent(sent=True)


@hookimpl
async def search(ctx: Context, text: str) -> Sequence[Hit]:
    return [Hit(f"传话：{text}", "/", "传话", "<b>门铃</b>")] if "门" in text else []


@hookimpl
async def on_event(ctx: Context, event: Received) -> None:
    HEARD.append(event)
