"""The first steps of a new company, in the order in which they make sense."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ispbill.core.i18n import lazy


@dataclass(frozen=True, slots=True)
class Link:
    """Where a step is done: what the button says, the page, the permission it takes."""

    label: str
    endpoint: str
    permission: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what it is, why, where, and whether a company can bill without it."""

    key: str
    title: str
    text: str
    links: tuple[Link, ...] = ()
    is_optional: bool = False


STEPS = (
    Step("company", lazy("Say who you are"), lazy("Address and tax number stand on every invoice."),
         (Link(lazy("Company data"), "company.identity", "change_settings"),)),
    Step("logo", lazy("Show your logo"), lazy("Beside your name, on every page, where people sign in and on papers."),
         (Link(lazy("Put it up"), "logo.change", "change_settings"),), is_optional=True),
    Step("taxes", lazy("Set your taxes"), lazy("What plans are taxed with, in the price or on top of it."),
         (Link(lazy("Taxes"), "taxes.index", "view_subscriptionplan_list"),)),
    Step("numbers", lazy("Look over your numbers"), lazy("What invoices, receipts and accounts begin with."),
         (Link(lazy("Numbers"), "numbers.index", "view_settings"),), is_optional=True),
    Step("areas", lazy("Add your areas"), lazy("Where your customers live; figures and lists can be narrowed to them."),
         (Link(lazy("Areas"), "areas.index", "view_barangay_list"),), is_optional=True),
    Step("plans", lazy("Add your plans"), lazy("What you sell by the month, with its price and tax."),
         (Link(lazy("Add a plan"), "catalogue.add", "add_subscriptionplan"),)),
    Step("customers", lazy("Bring in your customers"), lazy("Import a list, or register them one by one."),
         (Link(lazy("Import a list"), "imports.index", "import_customers"),
          Link(lazy("Register a customer"), "customers.register", "create_customer"))),
    Step("subscriptions", lazy("Subscribe them to plans"),
         lazy("On a customer's page. An import does it by itself where the list names a plan."),
         (Link(lazy("To the customers"), "customers.index", "view_customer_list"),)),
    Step("colleagues", lazy("Invite your colleagues"), lazy("Each sees and does what their role allows."),
         (Link(lazy("Invite"), "accounts.invite_user", "invite_user"),), is_optional=True),
    Step("second_factor", lazy("Protect your account"),
         lazy("A code of an app on your telephone, besides the password."),
         (Link(lazy("Set up two factors"), "accounts.set_up_second_factor", "change_settings"),), is_optional=True),
    Step("mail", lazy("Send e-mail"),
         lazy("Invitations, reminders and receipts wait until whoever runs this installation "
                                     "names a mail server."), (Link(lazy("Messages"), "notifications.index",
                                                                    "view_message_log"),), is_optional=True),
    Step("invoices", lazy("Bill"), lazy("Each day bills by itself what is due, from five past midnight. You may look "
                                        "first, "
                                  "or start it now."), (Link(lazy("Prepare a run"), "runs.prepare", "view_billing_run"),
                                                        )),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Every step with whether it is done, and the first one that is not."""

    steps: Sequence[tuple[Step, bool]]
    next_key: str | None

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(is_done for _, is_done in self.steps)


def progress(done: Mapping[str, bool]) -> Progress:
    """How far a company has come; the next step is the first undone one that it cannot bill without."""
    steps = [(step, done[step.key]) for step in STEPS]
    needed = [step.key for step, is_done in steps if not is_done and not step.is_optional]
    left = [step.key for step, is_done in steps if not is_done]
    return Progress(steps, next(iter(needed + left), None))
