"""Words that stand in the database and are shown to people, but are no StrEnum. A test names those that are missing."""
from __future__ import annotations

# What the audit log is written of.
_ACTIONS = (
    "created", "changed", "removed", "signed_in", "sign_in_failed", "locked_out", "signed_out", "revoked", "import",
    "sent_again", "access_restored", "service_restored", "second_factor_set_up", "second_factor_removed",
    "second_factor_reset", "second_factor_refused", "recovery_code_used", "recovery_codes_made", "payment_list",
    "session", "merged", "exported", "downloaded", "api",
)
# How rows of files and of the log are named.
_COLUMNS = ("id", "customer_id", "amount_minor", "region", "city", "barangay", "its_path_of_names")
_STATES = ("warning", "off", "merged", "rated", "person", "company", "exact", "approximate", "address", "manual")
WORDS: tuple[str, ...] = (*_ACTIONS, *_COLUMNS, *_STATES)
