"""Builders of files that people upload."""
from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Mapping

from ispbill.subscriptions.imports.policy import TELCO_COLUMNS, TELCO_EXTRAS

_BASE_MINOR = {"Fiber optic": 7000, "DSL": 4500, "No": 2000}


def telco_rows(count: int, *, seed: int = 7) -> list[dict[str, str]]:
    """Subscribers as the telecom sample has them: each service at its price, give or take a few cents."""
    dice = random.Random(seed)
    return [_subscriber(number, dice) for number in range(1, count + 1)]


def csv_bytes(rows: Iterable[Mapping[str, object]], columns: Iterable[str]) -> bytes:
    """The rows as a file in UTF-8."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def telco_file(rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows as a file of the telecom sample."""
    return csv_bytes(rows, TELCO_COLUMNS)


def _subscriber(number: int, dice: random.Random) -> dict[str, str]:
    internet = dice.choice(list(_BASE_MINOR))
    has_phone = internet == "No" or dice.random() < 0.9
    lines = dice.choice(["Yes", "No"]) if has_phone else "No phone service"
    extras = {name: "No internet service" if internet == "No" else dice.choice(["Yes", "No"]) for name in TELCO_EXTRAS}
    monthly_minor = (
        _BASE_MINOR[internet] + 500 * (lines == "Yes") + 500 * sum(answer == "Yes" for answer in extras.values())
        + dice.choice([-5, 0, 0, 0, 5])
    )
    tenure = dice.randrange(0, 73)
    return {
        "customerID": f"{number:04d}-{''.join(dice.choices('ABCDEFGHJK', k=5))}", "gender": "Female",
        "SeniorCitizen": "0", "Partner": "Yes", "Dependents": "No", "tenure": str(tenure),
        "PhoneService": "Yes" if has_phone else "No", "MultipleLines": lines, "InternetService": internet, **extras,
        "Contract": dice.choice(["Month-to-month", "One year", "Two year"]), "PaperlessBilling": "Yes",
        "PaymentMethod": "Electronic check", "MonthlyCharges": f"{monthly_minor / 100:.2f}",
        "TotalCharges": f"{tenure * monthly_minor / 100:.2f}" if tenure else " ", "Churn": dice.choice(["Yes", "No"]),
    }
