"""Of headers only those are shown that are known to hold no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.shown_headers import HARMLESS, HIDDEN, is_harmless, shown

SECRETS = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "X-Api-Key",
    "api-key",
    "x-auth-token",
    "x-amz-security-token",
    "x-goog-api-key",
    "x-forwarded-for",
    "x-session-bin",
    "grpc-trace-bin",
    "trailer-set-cookie",
    "referer",
]


@pytest.mark.parametrize("name", SECRETS)
def test_what_is_not_known_to_be_harmless_is_hidden(name: str) -> None:
    assert not is_harmless(name)
    assert shown(name, "hunter2") == HIDDEN


@pytest.mark.parametrize("name", sorted(HARMLESS - {":path"}))
def test_what_is_known_to_be_harmless_is_shown(name: str) -> None:
    assert shown(name, "as it is") == "as it is"
    assert shown(name.upper(), "as it is") == "as it is"


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("Bearer clt_secret", "Bearer …"),
        ("basic dXNlcjpwYXNz", "basic …"),
        ("clt_secret", "…"),
        ("my secret", "…"),
        ("Bearer", "…"),
        ("", "…"),
    ],
)
def test_of_a_credential_its_scheme_is_shown(value: str, seen: str) -> None:
    assert shown("authorization", value) == seen


def test_of_a_path_no_query_is_shown() -> None:
    assert shown(":path", "/v1/customers?api_key=hunter2") == "/v1/customers?…"
    assert shown(":path", "/clientela.v1.FeedService/Watch") == "/clientela.v1.FeedService/Watch"


@given(st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1).filter(lambda name: not is_harmless(name)))
def test_no_other_name_shows_anything_of_its_value(name: str) -> None:
    assert "hunter2" not in shown(name, "hunter2")
    assert "hunter2" not in shown(name, "Bearer hunter2")
