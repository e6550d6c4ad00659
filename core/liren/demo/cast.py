# SPDX-License-Identifier: Apache-2.0
"""Who plays in the demo: people at work, one resident, the merchants; and a one-time link for each."""

from dataclasses import dataclass

from liren.app import Street
from liren.errors import LirenError
from liren.identity.signin import accounts, links

ACTOR = "job:demo"
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Part:
    """One person at work. Roles of plugins that are not installed are left out."""

    name: str
    title: str
    roles: tuple[str, ...]
    phone: str
    organisation: str = ""


STREET = "里仁街道"
DOMAIN = "liren.example"
BUDGET = 100_000
"""Points each community may award in the demo."""

RESIDENT_PHONE = "19900005318"
"""卢淑萍, 77: one of the sample's residents, with points from three rules."""

REVIEWER = "李敏"
ADMINISTRATOR = "吴志强"
STAFF = (
    Part("赵磊", "采集员", ("credit.collector",), "19900010001"),
    Part(REVIEWER, "审核员", ("credit.reviewer",), "19900010002"),
    Part(
        "周敏",
        "网格员",
        ("acting.helper",),
        "19900010007",
    ),
    Part("方洁", "代办回访员", ("acting.reviewer",), "19900010008"),
    Part("孙桂芳", "商户", ("market.clerk",), "19900010003", "老街信用超市"),
    Part("周静", "信用超市管理员", ("market.manager", "ledger.treasurer"), "19900010004"),
    Part(
        ADMINISTRATOR,
        "系统管理员",
        ("admin.system", "identity.registrar", "identity.security", "privacy.officer"),
        "19900010005",
    ),
    Part("田静", "标签专员", ("identity.carer",), "19900010009"),
    Part("马秀英", "幸福食堂管理员", ("canteen.manager",), "19900010021"),
    Part("何静", "审计员", ("audit.auditor",), "19900010006"),
)
MERCHANTS = ("老街信用超市", "桃园便民理发", "银山早餐铺", "荷畔粮油店", "宝发家电维修", "洸河书屋")


@dataclass(frozen=True, slots=True)
class Login:
    title: str
    name: str
    url: str


async def logins(street: Street) -> list[Login]:
    """Fresh one-time links, valid for a day: there are no default passwords.

    A demo street that an older version made lacks whoever joined the cast since.

    :raises LirenError: it is no demo street at all
    """
    parts = [("居民", RESIDENT_PHONE), *((part.title, part.phone) for part in STAFF)]
    hashes = [street.identity.people.hash_of("phone", phone) for _, phone in parts]
    query = f"SELECT phone_hash, id FROM person WHERE phone_hash IN ({', '.join('?' * len(parts))})"  # noqa: S608 - marks
    phones: dict[str, str] = dict(await street.store.read(query, *hashes))
    there = [(title, phones.get(phone)) for (title, _), phone in zip(parts, hashes, strict=True)]
    if there[0][1] is None:
        raise _no_demo()
    found = []
    for title, person in there:
        if person is None:
            continue
        async with street.store.transaction(ACTOR) as tx:
            account = await accounts.open_account(tx, person)
            token = await links.make(tx, account, valid_s=DAY_S)
        cards = await street.identity.people.cards([person])
        found.append(Login(title, cards[person].name, f"{street.settings.public_url}/login/once/{token}"))
    return found


def _no_demo() -> LirenError:
    return LirenError(
        "这里不是示范街道，找不到示范居民。请换一个空的 LIREN_HOME 再运行 make demo。",
        "This is not the demo street: its people are missing. Use an empty LIREN_HOME for make demo.",
    )
