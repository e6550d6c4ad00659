# SPDX-License-Identifier: Apache-2.0
"""Tables of people and what hangs on them. ``help_text`` says purpose and who sees it: the field register reads it.

Days are half-open: a relation holds on ``since`` and no longer on ``until``. Moments are Unix milliseconds.
"""

from typing import Any

from piccolo.columns import BigInt, Bytea, Date, ForeignKey, Text
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from liren.units.tables import Dwelling, Unit


class Person(Table, tablename="person"):
    """Somebody the street knows, under a random public id."""

    id = Text(primary_key=True, default=None, help_text="random; names the person in addresses and other tables")
    name = Text(help_text="to address the person; staff in scope; masked in publicity")
    given = Text(help_text="the name without its surname, for lookup")
    pinyin = Text(help_text="lookup")
    initials = Text(help_text="lookup")
    phone_hash = Text(null=True, default=None, help_text="exact lookup; keyed, cannot be turned back")
    phone_tail = Text(null=True, default=None, help_text="lookup by the last four digits; keyed")
    id_number_hash = Text(null=True, default=None, help_text="exact lookup; keyed, cannot be turned back")
    number_tail = Text(
        null=True, default=None, help_text="lookup by the last four of the ID number; keyed; each look on record"
    )
    twin_hash = Text(null=True, default=None, help_text="name and birthday together, to find double entries; keyed")
    phone_sealed = Bytea(null=True, default=None, help_text="to reach the person; staff in scope, each look audited")
    id_number_sealed = Bytea(null=True, default=None, help_text="to tell namesakes apart; nobody by default")
    birthday_sealed = Bytea(null=True, default=None, help_text="age for subsidies; staff in scope, each look audited")
    address_sealed = Bytea(null=True, default=None, help_text="address beyond the dwelling; staff in scope")
    merged_into: ForeignKey[Any] = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    died = Date(null=True, default=None)
    left_on = Date(null=True, default=None)
    created_ms = BigInt()
    import_id = Text(null=True, default=None, help_text="the list that brought the entry; technical")
    area = Text(null=True, default=None, help_text="community of the present home, kept by triggers; lookup inside it")


class PeoplePending(Table, tablename="people_pending"):
    """A list that is being registered: its people do not exist for anybody until its row is gone."""

    id = Text(primary_key=True, default=None)
    actor = Text()
    started_ms = BigInt()


class PeoplePendingUnit(Table, tablename="people_pending_unit"):
    """How many people of such a list live in a unit: not counted yet. Key: ``import_id, unit, role``."""

    import_id = Text(primary_key=True, default=None)
    unit = Text()
    role = Text()
    n = BigInt()


class PeoplePendingMove(Table, tablename="people_pending_move"):
    """Known people who live elsewhere by such a list; deleted as they are moved. Key: ``import_id, person``."""

    import_id = Text(primary_key=True, default=None)
    person = Text(help_text="technical, for the minutes of an import")
    unit = Text()
    dwelling = Text(null=True, default=None)
    role = Text()


class PeopleInUnit(Table, tablename="people_in_unit"):
    """How many people live directly in a unit, by role in the household; kept by triggers of ``residence``.
    Key: ``unit, role``.
    """

    unit = Text(primary_key=True, default=None)
    role = Text()
    n = BigInt()


class Residence(Table, tablename="residence"):
    """Who lives where, since when: the household is who lives in one dwelling."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    dwelling = ForeignKey(Dwelling, null=True, on_delete=OnDelete.restrict)
    role = Text(help_text="head, member, tenant")
    since = Date(default=None)
    until = Date(null=True, default=None)


class Ownership(Table, tablename="ownership"):
    """Who owns a dwelling, or a share of it, since when: a person or an organisation."""

    id = Text(primary_key=True, default=None)
    dwelling = ForeignKey(Dwelling, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    organisation: ForeignKey[Any] = ForeignKey("Organisation", null=True, on_delete=OnDelete.restrict)
    share_of = BigInt(help_text="1 of 2: the share's first number")
    share_in = BigInt(help_text="1 of 2: its second")
    since = Date(default=None)
    until = Date(null=True, default=None)


class Departure(Table, tablename="departure"):
    """Somebody moved away or died, and what ended with it: for taking a wrong one back within a day."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    day = Date(default=None)
    died = BigInt()
    actor = Text(help_text="who registered it")
    at_ms = BigInt()
    closed = Text(help_text="ids of the relations that ended, JSON")
    undone_ms = BigInt(null=True, default=None)


class Organisation(Table, tablename="organisation"):
    """A partner, merchant, property company or department; it has a point account of its own."""

    id = Text(primary_key=True, default=None)
    name = Text()
    kind = Text(help_text="partner, merchant, property, department")
    unit = ForeignKey(Unit, null=True, on_delete=OnDelete.restrict)
    pinyin = Text()
    initials = Text()
    opened = Date(default=None)
    closed = Date(null=True, default=None)
    credit_code = Text(null=True, default=None, help_text="unified social credit code, GB 32100")
    contact = Text(null=True, default=None, help_text="whom to ask for; staff in scope")
    phone = Text(null=True, default=None, help_text="of the organisation, as it publishes it")


class OrganisationMember(Table, tablename="organisation_member"):
    """Who acts for an organisation, since when."""

    id = Text(primary_key=True, default=None)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    role = Text(help_text="in the organisation's own words: owner, clerk")
    since = Date(default=None)
    until = Date(null=True, default=None)


class LoginAccount(Table, tablename="login_account"):
    """How a person logs in; one account a person."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    login_name = Text(null=True, default=None, help_text="staff; residents use their phone")
    password_hash = Text(null=True, default=None, help_text="argon2id")
    language = Text(default="zh")
    elder = BigInt(default=0)
    disabled_ms = BigInt(null=True, default=None)
    created_ms = BigInt()
    password_ms = BigInt(null=True, default=None, help_text="when the password was set")


class LoginSession(Table, tablename="login_session"):
    """One signed-in browser; only the hash of its id is stored."""

    token_hash = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    remembered = Text(default="{}", help_text="small things of this session, JSON")
    started_ms = BigInt()
    seen_ms = BigInt()
    idle_ms = BigInt(help_text="ends when not seen for so long")
    ends_ms = BigInt(help_text="ends then in any case")
    id = Text(default="", help_text="names the session in its owner's list")
    way = Text(default="", help_text="how they proved who they are: password, link, totp, console …")
    proven_ms = BigInt(default=0, help_text="last proof of who it is")
    powers = Text(default="", help_text="digest of the roles held when it began; more power, another session id")
    address = Text(default="", help_text="shown to its owner, so that a stranger's session is noticed")
    device = Text(default="", help_text="shown to its owner")
    former_hash = Text(null=True, default=None, help_text="the id it had a moment ago: pages under way still know it")
    former_until_ms = BigInt(default=0)


class SecondFactor(Table, tablename="second_factor"):
    """What an authenticator on a phone and the street share; sealed under the person's own key."""

    account = Text(primary_key=True, default=None)
    secret = Bytea(null=True, default=None, help_text="checks one-time codes at login; nobody sees it")
    waiting = Bytea(null=True, default=None, help_text="the same until its first code confirms it")
    confirmed_ms = BigInt(null=True, default=None)
    last_step = BigInt(default=0, help_text="a code of this half minute or before is used up")


class RecoveryCode(Table, tablename="recovery_code"):
    """One of ten codes on paper for a lost phone; works once. Only a keyed hash is stored."""

    id = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    code_hash = Text()
    used_ms = BigInt(null=True, default=None)


class LoginPending(Table, tablename="login_pending"):
    """Somebody between the first and the last step of a login; no session yet. Ends after some minutes."""

    token_hash = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    way = Text(help_text="what the first step was")
    second = BigInt(help_text="1: the second factor was right too")
    wanted = Text(help_text="where to go then")
    ends_ms = BigInt()


class FormerPassword(Table, tablename="former_password"):
    """Hashes of the last passwords, where the rules say that none of them is used again."""

    id = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    password_hash = Text(help_text="argon2id")
    at_ms = BigInt()


class SignIn(Table, tablename="sign_in"):
    """From where somebody signed in; outside the audit chain, deleted after six months."""

    id = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    at_ms = BigInt()
    address = Text()
    device = Text()


class OneTimeLogin(Table, tablename="one_time_login"):
    """A link that signs in once."""

    token_hash = Text(primary_key=True, default=None)
    account = ForeignKey(LoginAccount, null=False, on_delete=OnDelete.restrict)
    made_by = Text()
    created_ms = BigInt()
    ends_ms = BigInt()
    used_ms = BigInt(null=True, default=None)
    recognised = Text(null=True, default=None, help_text="how staff knew whom they handed it to: id-card, known")


class RoleGrant(Table, tablename="role_grant"):
    """A named bundle of permissions, held at a unit and its subtree for a term."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    role = Text()
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    since = Date(default=None)
    until = Date(null=True, default=None)
    granted_by = Text()
    granted_ms = BigInt()


class Consent(Table, tablename="consent"):
    """What a person agreed to, in which version, how."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    purpose = Text()
    version = Text()
    how = Text(help_text="paper, page, sms")
    given = Date(default=None)
    withdrawn = Date(null=True, default=None)
    given_by = Text(
        null=True, default=None, help_text="the guardian who agreed for a child or an adult without capacity"
    )


class LabelKind(Table, tablename="label_kind"):
    """A label the street gives residents, as it decided itself: what it is called, who may see it."""

    id = Text(primary_key=True, default=None)
    code = Text(help_text="short name of the kind; technical")
    title = Text(help_text="what the label is called; about the street, not a person")
    sensitive = BigInt(help_text="1: masked everywhere, each look on record; about the street, not a person")
    seen_by = Text(help_text="the one role that may see it; empty: whoever may see labels; about the street")
    opened = Date(default=None)
    closed = Date(null=True, default=None)


class LabelText(Table, tablename="label_text"):
    """What is said to people before they agree to a label; a version never changes."""

    id = Text(primary_key=True, default=None)
    kind = ForeignKey(LabelKind, null=False, on_delete=OnDelete.restrict)
    version = BigInt()
    text = Text(help_text="what people agree to; for everybody to read")
    at_ms = BigInt()
    actor = Text(help_text="who wrote it; auditors")


class PersonLabel(Table, tablename="person_label"):
    """A label of a person, from when to when; it holds only while its consent does. Gone a month after its end."""

    id = Text(primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, help_text="whose label it is")
    kind = ForeignKey(
        LabelKind,
        null=False,
        on_delete=OnDelete.restrict,
        help_text="sensitive (PIPL 28): help and visits; staff with the permission in scope, each look shown to them",
    )
    consent = ForeignKey(Consent, null=False, on_delete=OnDelete.restrict, help_text="the consent it rests on")
    since = Date(default=None, help_text="first day of the label; as the label itself")
    until = Date(null=True, default=None, help_text="first day without it; as the label itself; deleted a month later")
    actor = Text(help_text="who recorded it; the person and auditors")


class Guardianship(Table, tablename="guardianship"):
    """Who answers for a child, or for an adult without capacity (民法典 27, 28), since when."""

    id = Text(primary_key=True, default=None)
    guardian = ForeignKey(
        Person, null=False, on_delete=OnDelete.restrict, help_text="who answers for the other; staff in scope"
    )
    ward = ForeignKey(
        Person, null=False, on_delete=OnDelete.restrict, help_text="who is answered for; sensitive; staff in scope"
    )
    kind = Text(help_text="minor or adult: why there is a guardian; sensitive; staff in scope")
    evidence = Text(help_text="which paper staff saw; staff in scope")
    basis = Bytea(null=True, default=None, help_text="the ruling or agreement, sealed; staff in scope")
    since = Date(default=None, help_text="first day of it; staff in scope")
    until = Date(null=True, default=None, help_text="first day without it; staff in scope")
    actor = Text(help_text="who recorded it; auditors")


class FormDraft(Table, tablename="form_draft"):
    """What was typed into a form and not sent yet, sealed under the person's own key; deleted after thirty days."""

    id = Text(primary_key=True, default=None)
    account = Text()
    name = Text()
    content = Bytea(null=True, default=None)
    """None once the form was sent: ``key`` then says which form nothing is kept of any more."""
    key = Text()
    at_ms = BigInt()


class Attempts(Table, tablename="attempts"):
    """Counters of tries within a window; the bucket is a keyed hash, so it names nobody."""

    bucket = Text(primary_key=True, default=None)
    started_ms = BigInt()
    tries = BigInt()


TABLES = (
    Person,
    PeoplePending,
    PeoplePendingUnit,
    PeoplePendingMove,
    PeopleInUnit,
    Residence,
    Departure,
    Organisation,
    Ownership,
    OrganisationMember,
    LoginAccount,
    LoginSession,
    SignIn,
    OneTimeLogin,
    SecondFactor,
    RecoveryCode,
    LoginPending,
    FormerPassword,
    RoleGrant,
    Consent,
    LabelKind,
    LabelText,
    PersonLabel,
    Guardianship,
    FormDraft,
    Attempts,
)
