"""Pages of nouns whose entries are in the journal alone: what their List RPCs have in common."""

from typing import Any

from clientela_server.rpc.codec.values import customer_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns.located import LocatedRows


class LocatedLists:
    """Reads pages of located rows."""

    def __init__(self, database: Database, tokens: PageTokens) -> None:
        self._database = database
        self._tokens = tokens

    async def page(self, rows: LocatedRows, request: Any, call: CallContext) -> tuple[list[bytes], str]:
        """Return the records of the page that a List request asks for, and the token of the next one."""
        asked = (call.caller, call.rpc.name, request.parent, request.filter, request.order_by)
        after, limit = self._tokens.read(asked, request.page_token), page_limit(request.page_size)
        customer = customer_id(request.parent)
        (found, last), call.revision = await self._database.scan(
            lambda connection: rows.page(
                connection, customer, request.filter, request.order_by, after=after, limit=limit
            )
        )
        return found, self._tokens.make(asked, last) if last else ""
