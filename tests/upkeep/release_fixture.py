"""`make release-fixture`: keep a ledger as this version writes it, for later ones to take over.

    python -m tests.upkeep.release_fixture

Writes some of everything with a real server into tests/upkeep/fixtures/ledger-SCHEMA.db.gz, a backup of it.
"""

import gzip
import tempfile
from pathlib import Path

import grpc

from clientela_lab.servers.local_server import LocalServer
from clientela_server.store.database.migrate import HEAD
from clientela_server.store.integrity.backups import back_up
from tests.rpc.callers import Caller
from tests.upkeep.some_of_everything import fill

FIXTURES = Path(__file__).parent / "fixtures"


def main() -> None:
    """Make the fixture of this version's schema."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with LocalServer(folder=folder) as server, grpc.insecure_channel(server.address) as channel:
            fill(Caller(channel, server.token))
            token = server.token
        back_up(folder / "ledger.db", folder / "copy.db")
        content = (folder / "copy.db").read_bytes()
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / f"ledger-{HEAD}.db.gz").write_bytes(gzip.compress(content, mtime=0))
    (FIXTURES / f"ledger-{HEAD}.token").write_text(token + "\n")


if __name__ == "__main__":
    main()
