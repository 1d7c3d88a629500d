"""What is loaded when: TLS and the web port only where asked for, all texts as soon as calls are taken.

A server without the first two starts sooner and holds less. Read next: app.py, which asks.
"""

from typing import TYPE_CHECKING

from clientela_server.config import Config
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.locales import LANGUAGES, catalogue, economics, standing
from clientela_server.store.journal.journal import Journal

if TYPE_CHECKING:
    from clientela_server.tls import Tls
    from clientela_server.web.figures import Figures
    from clientela_server.web.site import Site


def load_texts() -> None:
    """Read all that is said to people, so that nothing has to be opened when it is said."""
    for language in LANGUAGES:
        catalogue(language)
        economics.load(language)
        standing.load(language)


def load_tls(config: Config) -> "Tls | None":
    """Load TLS, and what it takes, only where it is asked for."""
    if config.tls is None:
        return None
    from clientela_server.tls import Tls

    return Tls.of(config.tls, config.tls_folder, config.listen.host)


def load_figures(config: Config) -> "Figures | None":
    """Count only where somebody may ask for the figures."""
    if config.web is None:
        return None
    from clientela_server.web.figures import Figures

    return Figures()


def load_site(config: Config, gate: Gate, counted: "Figures | None", journal: Journal) -> "Site | None":
    """Load what the web port takes, only where there is one."""
    if counted is None:
        return None
    from clientela_server.web.peers import Peers
    from clientela_server.web.site import Site

    return Site(gate, counted, lambda: journal.head, Peers(config.trusted_proxies))
