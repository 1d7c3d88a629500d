"""A token's name is taken once; the first token is made once; a token is ended once."""

import pytest

from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.store.nouns.tokens import find, list_all
from clientela_server.usecases import tokens
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite


def names(ledger: Ledger) -> list[str]:
    return [each.name for each in list_all(ledger.connection)]


def test_a_token_is_found_by_what_was_shown_and_by_nothing_else(ledger: Ledger) -> None:
    shown = tokens.create(ledger.connection, "till", "clerk", NOW_US, NOW_US + 5)
    found = find(ledger.connection, shown)
    assert found is not None
    assert (found.name, found.valid_at(NOW_US + 4), found.valid_at(NOW_US + 5)) == ("till", True, False)
    assert find(ledger.connection, "till") is None


def test_a_name_is_taken_once_also_when_its_token_has_ended(ledger: Ledger) -> None:
    tokens.create(ledger.connection, "till", "clerk", NOW_US)
    tokens.revoke(ledger.connection, "till", NOW_US)
    with pytest.raises(AlreadyExists, match="TOKEN_NAME_TAKEN"):
        tokens.create(ledger.connection, "till", "admin", NOW_US)
    with pytest.raises(NotFound, match="TOKEN_NOT_FOUND"):
        tokens.revoke(ledger.connection, "till", NOW_US)


def test_the_first_token_is_made_once_and_not_before_it_is_left(ledger: Ledger) -> None:
    def full(_: str) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        tokens.create_first(ledger.connection, "admin", "admin", NOW_US, full)
    assert names(ledger) == []
    left: list[str] = []
    for _ in range(2):
        tokens.create_first(ledger.connection, "admin", "admin", NOW_US, left.append)
    assert (len(left), names(ledger)) == (1, ["admin"])
