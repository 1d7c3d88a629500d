"""Static files of the phone app: read and compressed once, at the start.

Files with a hash in their name never change, and may be cached for a year; others are revalidated each time,
mostly with 304.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class File:
    """A file and its headers."""

    data: bytes
    kind: str
    etag: str
    lasts: bool
    packed: bytes | None = None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return its content type, etag and cache control."""
        keep = "public, max-age=31536000, immutable" if self.lasts else "no-cache"
        headers = [("content-type", self.kind), ("etag", self.etag), ("cache-control", keep)]
        return headers if self.packed is None else [*headers, ("vary", "accept-encoding")]

    def body(self, accepted: str) -> tuple[bytes, list[tuple[str, str]]]:
        """Return the bytes for an Accept-Encoding, and the headers of their encoding."""
        if self.packed is None or "gzip" not in accepted:
            return self.data, []
        return self.packed, [("content-encoding", "gzip")]


class Files:
    """The files by their paths; "/" is index.html."""

    def __init__(self) -> None:
        self._by_path: dict[str, File] = {}
        folder = files(__package__).joinpath("phone")
        if folder.is_dir():
            self._read(folder, "/")

    def find(self, path: str) -> File | None:
        """Return a file, None if there is none; paths are looked up, so none leads out of the folder."""
        return self._by_path.get("/index.html" if path == "/" else path)

    def _read(self, folder: Traversable, path: str) -> None:
        for entry in folder.iterdir():
            if entry.is_dir():
                self._read(entry, f"{path}{entry.name}/")
            else:
                self._by_path[path + entry.name] = _file(entry)


def _file(entry: Traversable) -> File:
    data = entry.read_bytes()
    suffix = "." + entry.name.rpartition(".")[2]
    kind = _TYPES.get(suffix) or mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    # Mobile data is expensive; PNGs are compressed already.
    packed = gzip.compress(data, mtime=0) if not kind.startswith("image/png") else None
    smaller = packed if packed is not None and len(packed) < len(data) else None
    return File(data, kind, etag, bool(_HASHED.search(entry.name)), smaller)
