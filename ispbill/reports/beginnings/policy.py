"""The first steps of a new company, in the order in which they make sense."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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
    Step("company", "Say who you are", "Address and tax number stand on every invoice.",
         (Link("Company data", "company.identity", "change_settings"),)),
    Step("logo", "Show your logo", "Beside your name, on every page and where people sign in.",
         (Link("Put it up", "logo.change", "change_settings"),), is_optional=True),
    Step("taxes", "Set your taxes", "What plans are taxed with, in the price or on top of it.",
         (Link("Taxes", "taxes.index", "view_subscriptionplan_list"),)),
    Step("numbers", "Look over your numbers", "What invoices, receipts and accounts begin with.",
         (Link("Numbers", "numbers.index", "view_settings"),), is_optional=True),
    Step("areas", "Add your areas", "Where your customers live; figures and lists can be narrowed to them.",
         (Link("Areas", "areas.index", "view_barangay_list"),), is_optional=True),
    Step("plans", "Add your plans", "What you sell by the month, with its price and tax.",
         (Link("Add a plan", "catalogue.add", "add_subscriptionplan"),)),
    Step("customers", "Bring in your customers", "Import a list, or register them one by one.",
         (Link("Import a list", "imports.index", "import_customers"),
          Link("Register a customer", "customers.register", "create_customer"))),
    Step("subscriptions", "Subscribe them to plans",
         "On a customer's page. An import does it by itself where the list names a plan.",
         (Link("To the customers", "customers.index", "view_customer_list"),)),
    Step("colleagues", "Invite your colleagues", "Each sees and does what their role allows.",
         (Link("Invite", "accounts.invite_user", "invite_user"),)),
    Step("second_factor", "Protect your account", "A code of an app on your telephone, besides the password.",
         (Link("Set up two factors", "accounts.set_up_second_factor", "change_settings"),), is_optional=True),
    Step("mail", "Send e-mail", "Invitations, reminders and receipts wait until whoever runs this installation names a "
         "mail server.", (Link("Messages", "notifications.index", "view_message_log"),), is_optional=True),
    Step("invoices", "Bill", "Each day bills by itself what is due, from five past midnight. You may look first, or "
         "start it now.", (Link("Prepare a run", "runs.prepare", "view_billing_run"),)),
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
