"""The services of nouns that are recorded and listed, by the noun; `app` registers them after the others."""

from collections.abc import Callable, Iterator

from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.located_lists import LocatedLists
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens

Make = Callable[[JournalWriter, LocatedLists], object]
# `make noun` adds a line for each.
RECORDED: dict[str, Make] = {}


def recorded_servicers(database: Database, writer: JournalWriter, tokens: PageTokens) -> Iterator[object]:
    """Yield the servicer of each of RECORDED, in that order."""
    lists = LocatedLists(database, tokens)
    return (make(writer, lists) for make in RECORDED.values())
