"""Rules of accounts: which passwords are good, when an account locks, who may give which right."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from ispbill.core.current import Actor
from ispbill.core.errors import Forbidden, Invalid
from ispbill.core.i18n import gettext as _
from ispbill.core.permissions import label

SESSION_LIFETIME = timedelta(days=14)
SIGNED_TOKEN_LIFETIME = timedelta(hours=1)
# How long the second factor may take after the password.
HALF_SESSION_LIFETIME = timedelta(minutes=10)
RESET_LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(days=7)
RESET_PAUSE = timedelta(minutes=2)
SEEN_INTERVAL = timedelta(minutes=1)
# For whoever looks into a break-in that was noticed late; the audit log is kept for good.
ENDED_KEPT = timedelta(days=30)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
FREE_FAILURES = 5
_FIRST_LOCK, _LONGEST_LOCK = timedelta(minutes=15), timedelta(hours=24)
# Common ones of ten characters and more: shorter ones are refused for their length.
_COMMON_PASSWORDS = frozenset("""
    1234567890 0123456789 0987654321 9876543210 12345678910 123456789a 1234567890a 123456789q 1q2w3e4r5t
    1q2w3e4r5t6y qwertyuiop qwerty1234 qwerty12345 qwerty123456 qwertyuiop123 asdfghjkl1 asdfghjkl123
    zxcvbnm123 q1w2e3r4t5 qazwsxedc1 password12 password123 password1234 password12345 password123!
    passw0rd12 passw0rd123 p@ssw0rd12 p@ssw0rd123 welcome123 welcome1234 letmein123 letmein1234 iloveyou12
    iloveyou123 iloveyou1234 administrator admin12345 admin123456 administrator1 changeme12 changeme123
    trustno1trustno1 football123 baseball123 basketball superman123 batman12345 sunshine123 princess123
    dragon12345 monkey12345 michael123 abcdefghij abcd123456 abc1234567 a123456789 aa12345678 aaaaaaaaaa
    1111111111 0000000000 1212121212 1122334455 5555555555 6666666666 7777777777 8888888888 9999999999
    computer123 internet123 internet1234 starwars123 whatever123 qwer123456 qweasdzxc1 qweasdzxc123
    testtest123 test123456 secret12345 secretsecret master12345 default123 temporary1 philippines
    pilipinas123 mahalkita123 mahalkita1
""".split())


def normal_email(text: str) -> str:
    """An e-mail address in the one spelling that is stored. Raises Invalid with what is wrong with it."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as problem:
        raise Invalid(str(problem), field="email") from None
    return (checked.ascii_email or checked.normalized).lower()


def stored_spelling(text: str) -> str:
    """The spelling under which an address that somebody typed would be stored; for looking it up."""
    try:
        return normal_email(text)
    except Invalid:
        return text.strip().lower()


def checked_name(text: str) -> str:
    """A person's name without outer blanks. Raises Invalid when it is empty or too long."""
    name = " ".join(text.split())
    if not 0 < len(name) <= 200:
        raise Invalid(_("Enter a name of at most 200 characters."), field="full_name")
    return name


def check_password(password: str, *, email: str) -> None:
    """Raises Invalid for a short, common or obvious password (after NIST SP 800-63B, 5.1.1.2)."""
    lowered, local_part = password.lower(), email.partition("@")[0]
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        message = _("Choose a password of %(shortest_password)s to %(longest_password)s characters.",
                    shortest_password=SHORTEST_PASSWORD, longest_password=LONGEST_PASSWORD)
    elif lowered in (email, local_part) or lowered in _COMMON_PASSWORDS or len(set(lowered)) <= 2:
        message = _("This password is easy to guess. Choose another, such as four unrelated words.")
    else:
        return
    raise Invalid(message, field="password")


def lock_after(failures: int) -> timedelta | None:
    """How long an account stays locked after its nth failed sign-in in a row: doubling from the fifth on."""
    if failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 16)
    return min(timedelta(seconds=_FIRST_LOCK.total_seconds() * 2**doublings), _LONGEST_LOCK)


def beyond(actor: Actor, permissions: Iterable[str]) -> list[str]:
    """The permissions that the actor lacks, and so may neither give nor take."""
    return sorted(code for code in permissions if not actor.may(code))


def check_may_give(actor: Actor, permissions: Iterable[str], *, field: str) -> None:
    """Raises Forbidden, naming the rights, where the actor would give or take what they lack themselves."""
    lacking = beyond(actor, permissions)
    if lacking:
        named = ", ".join(f"“{label(code)}”" for code in lacking[:3])
        raise Forbidden(
            _("You lack %(named)s and more yourself, so you cannot give or take it.", named=named)
            if len(lacking) > 3 else
            _("You lack %(named)s yourself, so you cannot give or take it.", named=named), field=field)


def check_may_change(actor: Actor, *, holds: Iterable[str], is_owner: bool, name: str) -> None:
    """Raises Forbidden where somebody would change a user who may do more than they may."""
    if (is_owner and not actor.is_owner) or beyond(actor, holds):
        raise Forbidden(_("%(name)s has rights that you lack, so only somebody who has them can do this.", name=name))


def local_path(address: str | None) -> str | None:
    """The address to go to after sign-in, only if it is a path on this very site."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    if any(ord(character) < 32 for character in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def account_status(status: str, *, has_password: bool, is_locked: bool) -> str:
    """The state a list shows: deactivated, invited (no password yet), locked or active."""
    if status != "active":
        return status
    if not has_password:
        return "invited"
    return "locked" if is_locked else "active"
