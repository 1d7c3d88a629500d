"""Lazy loading of optional features: TLS and the web port if configured, all texts once calls are served.

A server without the first two starts faster and uses less memory. Read next: `app`, the caller.
"""

from typing import TYPE_CHECKING

from clientela_server.clock import Clock
from clientela_server.config import Config
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.locales import LANGUAGES, catalogue, economics, standing
from clientela_server.store.journal.journal import Journal

if TYPE_CHECKING:
    from clientela_server.tls.tls import Tls
    from clientela_server.web.figures import Figures
    from clientela_server.web.site import Site


def load_texts() -> None:
    """Load all catalogues of texts, so that no call has to open a file."""
    for language in LANGUAGES:
        catalogue(language)
        economics.load(language)
        standing.load(language)


def load_tls(config: Config, clock: Clock) -> "Tls | None":
    """Load TLS and its dependencies, if configured."""
    if config.tls is None:
        return None
    from clientela_server.tls.tls import Tls

    return Tls.of(config.tls, config.tls_folder, config.listen.host, clock)


def load_figures(config: Config) -> "Figures | None":
    """Return the metrics registry, if the web port serves one."""
    if config.web is None:
        return None
    from clientela_server.web.figures import Figures

    return Figures()


def load_site(config: Config, gate: Gate, counted: "Figures | None", journal: Journal) -> "Site | None":
    """Load the web port's application, if configured."""
    if counted is None:
        return None
    from clientela_server.web.peers import Peers
    from clientela_server.web.site import Site

    return Site(gate, counted, lambda: journal.head, Peers(config.trusted_proxies))
