"""Secrets: a password fits only its hash, a sealed value opens only with its key."""
from __future__ import annotations

import pytest

from ispbill.core import crypto


def test_a_password_fits_its_own_hash_only() -> None:
    stored = crypto.hash_password("four words that fit")
    assert crypto.password_matches(stored, "four words that fit")
    assert not crypto.password_matches(stored, "four words that fi")
    assert "four" not in stored


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_without_a_usable_hash_no_password_fits(stored: str | None) -> None:
    assert not crypto.password_matches(stored, "")


def test_a_token_is_known_by_its_digest_and_its_prefix() -> None:
    token = crypto.new_token("isp_pat")
    assert token.plain.startswith(token.prefix) and token.prefix.startswith("isp_pat_")
    assert token.digest == crypto.digest(token.plain) and token.plain not in token.digest
    assert crypto.new_token("isp_pat").plain != token.plain


def test_a_sealed_value_opens_with_its_key_only() -> None:
    sealed = crypto.seal("https://example.com/secret", secret_key="one")
    assert sealed.startswith("k1.") and "secret" not in sealed
    assert crypto.unseal(sealed, secret_key="one") == "https://example.com/secret"
    for wrong, key in ((sealed, "two"), (sealed[:-4] + "AAAA", "one"), (sealed.replace("k1.", "k2."), "one")):
        with pytest.raises(ValueError, match="another key"):
            crypto.unseal(wrong, secret_key=key)
