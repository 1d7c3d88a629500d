"""What the store knows of a noun is registered, so that journal, feed, erasure and verification name none.

The registrations are listed in `clientela_server/nouns.py`; the codecs are those of `rpc/codec`, so the store
needs no protos. Read next: `erasure`, `feed`, `store/integrity/verify`, which ask `Nouns`.
"""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

from clientela_server.domain.errors import NotFound


class Resource(Protocol):
    """What an entry of the journal is about."""

    @property
    def name(self) -> str:
        """The resource name."""


T = TypeVar("T", bound=Resource)


class RecordCodec(Protocol[T]):
    """Converts the resources of one noun to stored records and back."""

    def encode(self, resource: T) -> bytes:
        """Serialize a resource."""

    def decode(self, record: bytes) -> T:
        """Parse a resource, as far as its record holds it."""


@dataclass(frozen=True, slots=True)
class LocatingRows(Generic[T]):
    """A table by which entries are found; the entries themselves are in the journal alone.

    row_of: makes the row of a resource. grows: the columns that later entries change.
    """

    table: sa.Table
    row_of: Callable[[T], dict[str, Any]]
    grows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrentRows(Generic[T]):
    """A table with the last record of each resource, but of those that are gone.

    row_of: makes the row of a resource and its record, whose columns are the table's, the record last.
    """

    table: sa.Table
    row_of: Callable[[T, bytes], dict[str, Any]]
    is_gone: Callable[[T], bool]


def unknown_resource(name: str) -> NotFound:
    """Return the error for an unknown resource of a noun that has no reason of its own."""
    return NotFound("RESOURCE_NOT_FOUND", resource=name, name=name)


@dataclass(frozen=True, slots=True)
class Noun(Generic[T]):
    """A kind of entries, and what is to be known of them.

    Attributes:
        name: in the journal, and of the feed's field that holds the resource.
        kind: the type of its resources.
        pattern: of its resource names, such as "spends/{spend_id}", the parts being columns of its table;
            empty where its entries are about other nouns' resources.
        rows: the table that is made of the entries; verification compares it with them.
        revision_of: returns the revision that a record states; None if records state none.
        strip: returns a resource without personal data, for erasure; None if there is none in it. A noun that
            has this is a customer's: its pattern begins with "customers/{customer_id}", its rows are located.
        not_found: returns the error for an unknown resource name.
    """

    name: str
    kind: type[T]
    codec: RecordCodec[T]
    pattern: str = ""
    rows: LocatingRows[T] | CurrentRows[T] | None = None
    _: KW_ONLY
    revision_of: Callable[[T], int] | None = None
    strip: Callable[[T], T | None] | None = None
    not_found: Callable[[str], NotFound] = unknown_resource

    @property
    def collections(self) -> tuple[str, ...]:
        """The fixed parts of its resource names: ("customers", "purchases")."""
        return tuple(self.pattern.split("/")[::2])

    @property
    def plural(self) -> str:
        """The last collection of its resource names: "purchases"."""
        return self.collections[-1]


class Nouns:
    """All nouns, in the order in which they are verified."""

    def __init__(self, *nouns: Noun[Any]) -> None:
        self._by_name = {noun.name: noun for noun in nouns}
        self._by_kind = {noun.kind: noun for noun in nouns}
        self._by_collections = {noun.collections: noun for noun in nouns if noun.pattern}

    def __iter__(self) -> Iterator[Noun[Any]]:
        """Yield the nouns."""
        return iter(self._by_name.values())

    def get(self, name: str) -> Noun[Any] | None:
        """Return the noun of an entry, or None if it is unknown."""
        return self._by_name.get(name)

    def of_resource(self, name: str) -> Noun[Any]:
        """Return the noun of a resource name; KeyError if it is no noun's."""
        return self._by_collections[tuple(name.split("/")[::2])]

    def codec(self, kind: type[T]) -> RecordCodec[T]:
        """Return the codec of a type of resources."""
        codec: RecordCodec[T] = self._by_kind[kind].codec
        return codec
