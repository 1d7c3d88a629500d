"""A count of one is printed with the noun in the singular."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import clientela_client.cli
from clientela.v1 import economics_pb2
from clientela_client.cli.economics.cohort_view import summary as of_cohorts
from clientela_client.cli.economics.lifetime_view import explanation
from clientela_client.cli.economics.lifetime_view import summary as of_lifetime
from clientela_client.cli.words.enum_choices import pluralized
from clientela_server.rpc.locales import LANGUAGES, sentence
from clientela_server.rpc.locales.economics import load as economics_texts
from clientela_server.rpc.locales.standing import load as standing_texts
from clientela_server.rpc.locales.standing import singular

SOURCE = Path(clientela_client.cli.__file__).parent
NOUNS = "clients customers purchases days times rows lines messages months weeks entries items changes spends"
# What a constant counts, in capitals, is many.
UNCOUNTED = re.compile(r"\{[^{}A-Z]*:,(?:[.]0f)?\} (?:more |new )?(?:" + "|".join(NOUNS.split()) + r")\b")
# A number that is not a part of another, and then a plural.
ONE_OF_MANY = re.compile(
    r"(?<![\d.,-])1 (?:more |new |direct )?(?:days|years|clients|customers|purchases|calls|rows)\b"
)


def uncounted(text: str) -> list[str]:
    """Return the places where a number stands before a plural that is always one."""
    return [found[0] for found in UNCOUNTED.finditer(text)]


def test_no_number_of_the_command_line_stands_before_a_plural_for_good() -> None:
    found = {path.name: uncounted(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    assert {name: places for name, places in found.items() if places} == {}


def test_a_plural_for_good_is_found() -> None:
    assert uncounted('f"{count:,} clients bought"') == ["{count:,} clients"]
    assert uncounted('f"{total:,.0f} days"') == ["{total:,.0f} days"]
    assert uncounted("counted(count, 'client')") == []


def test_a_number_is_said_with_its_noun() -> None:
    said = [pluralized(number, "client") for number in (0, 1, 2, 1001)]
    assert said == ["0 clients", "1 client", "2 clients", "1,001 clients"]
    assert [pluralized(number, "row was", "rows were") for number in (1, 21)] == ["1 row was", "21 rows were"]


def test_one_client_who_bought_once_is_one_client() -> None:
    answer = economics_pb2.GetCohortsResponse(customer_count=1, purchase_count=1, currency_code="EUR")
    answer.amount.currency_code, answer.amount.units = "EUR", 5
    assert of_cohorts(answer).startswith("1 client bought 1 time until ")


def test_one_day_is_one_day() -> None:
    answer = economics_pb2.PredictLifetimeValueResponse(
        customer_count=1, total_purchase_days=1.2, total_p_alive=0.9
    )
    said = of_lifetime(answer, 1)
    assert said.startswith("In the next 1 day 1 client will bring ")
    assert "on 1 day; about 1 of them still is a client." in said
    prediction = economics_pb2.LifetimePrediction(customer="customers/a")
    prediction.history.age_days = 1
    facts = {fact.key: fact.plain for fact in explanation(prediction, 1)}
    assert facts["has_bought"] == "on one day, 1 day ago"
    assert facts["will_bring"].endswith("in 1 day")


def english() -> Iterator[str]:
    """Return the texts of findings and of channels in which every fact is 1."""
    ones: defaultdict[str, str] = defaultdict(lambda: "1")
    texts = [*standing_texts("en")["because"].values(), *standing_texts("en")["flip"].values()]
    for text in (*texts, *economics_texts("en").values()):
        yield singular(text.format_map(ones), "en")


def test_no_text_of_the_server_says_one_of_many() -> None:
    assert [text for text in english() if ONE_OF_MANY.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_that_may_count_one_says_no_plural_behind_it(language: str) -> None:
    ones: defaultdict[str, str] = defaultdict(lambda: "1")
    for reason in ("CALLS_TOO_FAST", "CUSTOMERS_NOT_FOUND", "TOO_LITTLE_HISTORY"):
        said = sentence(reason, ones, language)
        assert not re.search(r"(?<![\d.])1 (?:of|calls|custom|wywoł|klient|вызов|клиент|kviet|iš)", said)


def test_a_text_that_says_one_of_many_is_found() -> None:
    assert ONE_OF_MANY.search("with the next 1 days")
    assert not ONE_OF_MANY.search("21 days, 1.1 days and 1 day")
