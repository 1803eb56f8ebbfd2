"""What a company's address, name, zone and currency may be. Plain values in, plain values out."""
from __future__ import annotations

import re

from ispbill.accounts.policy import normal_email
from ispbill.core.errors import DomainError, Invalid
from ispbill.core.i18n import gettext as _

TRIAL_DAYS = 30
LONGEST_NAME = 120
_SUBDOMAIN = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
# Addresses the platform needs, or that people would take for its own.
RESERVED = frozenset("""
    about abuse account accounts admin administrator affiliate alerts analytics apex api app apps assets
    auth autoconfig autodiscover backup beta billing blog cache careers cdn chat checkout cloud cluster
    config console contact customers dashboard data database debug dev developer developers dns docs
    domain download downloads email enterprise error errors events example faq feedback files forum ftp
    gateway git graphql health healthz help host hosting hostmaster http https images imap img info
    internal invoice invoices ipv4 ipv6 ispbill jobs legal live localhost log login logout logs mail
    mailer mailgun management manager marketing media metrics mobile monitor monitoring mx my network
    new news ns ns1 ns2 ns3 ns4 oauth office official openapi operator operators ops partner partners
    pay payment payments ping platform pop pop3 portal postmaster press pricing privacy private prod
    production proxy public queue redis register registration relay report reports reseller resellers
    root router rss sales sandbox scheduler search secure security server shop signin signup site
    sitemap sms smtp spam sso staff stage staging stat static statistics stats status store support
    sysadmin system tenant tenants terms test testing tests ticket tickets tools trial uat update
    updates upload uploads user users vpn web webhook webhooks webmail webmaster website wiki worker
    workers www www1 www2 www3
""".split())


def subdomain(text: str) -> str:
    """A label of a company's own. Raises Invalid for a bad format or a word that is kept back."""
    label = text.strip().lower()
    if not _SUBDOMAIN.fullmatch(label) or "--" in label:
        raise Invalid(
            _("“%(text)s” cannot be a subdomain: use 3 to 40 lower-case letters, digits and single dashes, beginning "
              "with a letter and not ending with a dash.", text=text), field="subdomain",
        )
    if label in RESERVED:
        raise Invalid(_("The subdomain “%(label)s” is reserved. Choose another.", label=label), field="subdomain")
    return label


def company_name(text: str) -> str:
    """A name without outer or double blanks. Raises Invalid for an empty, long or unprintable one."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(_("Give the company a name of at most %(longest_name)s characters.", longest_name=LONGEST_NAME),
                      field="name")
    return name


def owner_email(text: str) -> str:
    """The owner's address as it is stored. Raises Invalid with what is wrong with it."""
    try:
        return normal_email(text)
    except DomainError as error:
        raise Invalid(error.message, field="owner_email") from None


def person_name(email: str) -> str:
    """What to call an owner of whom only the address is known: “maria.santos@…” is Maria Santos."""
    words = re.split(r"[^\w]+|_+|\d+", email.partition("@")[0].partition("+")[0])
    return " ".join(word.capitalize() for word in words if word) or "Owner"
