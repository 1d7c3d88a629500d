"""A link that signs a phone in: the web port's URL with a token in its fragment, which no server ever sees.

What follows the # of a URL stays in the browser: it is in no request, so in no log of a server or proxy. The
phone takes it out of the address at once.
"""

import io
from urllib.parse import urlsplit

from clientela_server.config import ConfigError


def read_url(text: str) -> str:
    """Read where the web port is, such as https://shop.example:8080; ConfigError where it is no such URL."""
    try:
        parts = urlsplit(text)
        is_place = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_place = False
    if not is_place or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ConfigError(f"--link {text}: give the web port's URL, such as https://shop.example:8080")
    return f"{parts.scheme}://{parts.netloc}"


def sign_in(base: str, token: str) -> str:
    """Return the link, and below it a picture of it that a camera reads off the terminal."""
    import segno

    link = f"{base}/#token={token}"
    picture = io.StringIO()
    segno.make(link, error="m").terminal(out=picture, compact=True, border=2)
    return f"{link}\n{picture.getvalue()}".rstrip("\n")
