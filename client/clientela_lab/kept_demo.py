"""What `make demo ARGS=--keep` does at its end: serve on, and say what to do with it.

The server's data and tokens are in a folder of its own, so a command line is told both by the environment.
"""

import shlex
import subprocess
import sys
from contextlib import suppress

from clientela_lab import cdnow
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer

NEXT_COMMANDS = (
    "clientela purchases list --filter 'amount > 250' --order-by 'amount desc'",
    f"clientela standing get {cdnow.TOP_CUSTOMER}",
    f"clientela customers history {cdnow.TOP_CUSTOMER} --limit 5",
    f"clientela economics ltv {cdnow.TOP_CUSTOMER} --as-of 1998-06-30",
    f"clientela purchases record {cdnow.TOP_CUSTOMER} 19.90 USD --dry-run",
)


def serve_on(server: LocalServer) -> None:
    """Print the phone's link and five commands, and return when the server ends, or at Ctrl-C."""
    print(f"The phone, of a clerk: open the link in a browser of this machine.\n\n{_sign_in(server)}\n")
    token_file = shlex.quote(str(server.file.with_name("admin.token")))
    print("In another terminal, with `source .venv/bin/activate`:\n")
    print(f"  export CLIENTELA_SERVER={server.address} CLIENTELA_TOKEN_FILE={token_file}")
    print("\n".join(f"  {command}" for command in NEXT_COMMANDS))
    print("\nServing until Ctrl-C.", flush=True)
    with suppress(KeyboardInterrupt):
        server.wait()
    print(flush=True)


def _sign_in(server: LocalServer) -> str:
    """Issue a clerk's token, and return the link that signs a phone in, with its QR code."""
    command = [sys.executable, "-m", "clientela_server", "token", "create", "--role", "clerk"]
    made = subprocess.run(
        [*command, "--name", "phone", "--link", server.url, "--database", str(server.database)],
        env=server.env,
        stdout=subprocess.PIPE,
        text=True,
        timeout=HANG_S,
        check=True,
    )
    return made.stdout.rstrip()
