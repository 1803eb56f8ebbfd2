"""What a company may be called, and where it may live."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispbill.core.errors import Invalid
from ispbill.platform import policy


@pytest.mark.parametrize("label", ["abc", "fiber-one", "isp2", "a" * 40, "x-1-y"])
def test_a_plain_label_may_be_a_subdomain(label: str) -> None:
    assert policy.subdomain(label) == label


def test_capitals_and_blanks_around_are_forgiven() -> None:
    assert policy.subdomain(" Fiber-One ") == "fiber-one"


@pytest.mark.parametrize(
    "label",
    [
        "", "ab", "a" * 41, "1abc", "-abc", "abc-",
        "a--b", "xn--bcher-kva", "a_b", "a.b", "a b", "büro", "a/b",
        "ａｂｃ", "t_x", "a\x00b",
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_the_field(label: str) -> None:
    with pytest.raises(Invalid, match="cannot be a subdomain") as refusal:
        policy.subdomain(label)
    assert refusal.value.field == "subdomain"


@pytest.mark.parametrize(
    "word", ["admin", "api", "www", "mail", "signup", "billing", "static", "app", "ADMIN"]
)
def test_words_the_platform_needs_are_kept_back(word: str) -> None:
    with pytest.raises(Invalid, match="reserved"):
        policy.subdomain(word)


def test_every_reserved_word_is_one_that_the_format_would_let_through_or_shorter() -> None:
    assert all(word == word.lower() and "--" not in word for word in policy.RESERVED)


@given(st.text(max_size=50))
def test_whatever_passes_is_a_dns_label(text: str) -> None:
    try:
        label = policy.subdomain(text)
    except Invalid:
        return
    assert label.isascii() and 3 <= len(label) <= 40 and label == label.lower()
    assert (
        label[0].isalpha() and label[-1] != "-" and set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    )


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x07b", "a\u202eb"])
def test_a_name_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="name"):
        policy.company_name(name)


def test_a_bad_address_of_the_owner_names_its_field() -> None:
    with pytest.raises(Invalid) as refusal:
        policy.owner_email("not an address")
    assert refusal.value.field == "owner_email"


@pytest.mark.parametrize(
    ("email", "name"),
    [("maria.santos@x.ph", "Maria Santos"), ("juan_d-cruz+isp@x.ph", "Juan D Cruz"), ("42@x.ph", "Owner")],
)
def test_an_owner_of_whom_only_the_address_is_known_gets_a_name(email: str, name: str) -> None:
    assert policy.person_name(email) == name
