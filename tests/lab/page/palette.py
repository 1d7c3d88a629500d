"""Pictures of few colours, kept as such: a third of the bytes, and a difference that nobody sees.

The browser tells the 256 colours that fit best, and which of them each pixel is nearest to.
"""

import base64
import struct
import zlib

from playwright.sync_api import Browser

INDEXED = """
async (picture) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  const pixels = Uint32Array.from({ length: data.length / 4 }, (_, at) =>
    (data[at * 4] << 16) | (data[at * 4 + 1] << 8) | data[at * 4 + 2]);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const far = (one, other) => parts(one).reduce((sum, part, at) => sum + (part - parts(other)[at]) ** 2, 0);
  const palette = [];
  for (const [colour] of [...counts].sort((one, other) => other[1] - one[1])) {
    if (palette.length < 256 && palette.every((other) => far(colour, other) > 60)) palette.push(colour);
  }
  const nearest = new Map();
  for (const colour of counts.keys()) {
    const better = (best, other, at) => (far(colour, other) < far(colour, palette[best]) ? at : best);
    nearest.set(colour, palette.reduce(better, 0));
  }
  const { width, height } = image;
  const indexes = Array.from(pixels, (pixel) => String.fromCharCode(nearest.get(pixel))).join("");
  return { width, height, palette: palette.flatMap(parts), indexes };
}
"""


def with_palette(browser: Browser, picture: bytes) -> bytes:
    """Make a PNG of at most 256 colours of another PNG."""
    page = browser.new_page()
    found = page.evaluate(INDEXED, base64.b64encode(picture).decode())
    page.close()
    width, height = found["width"], found["height"]
    indexes = found["indexes"].encode("latin-1")
    # Each line begins with its filter: none, for neighbours in a palette are no neighbours in colour.
    lines = b"".join(b"\0" + indexes[at : at + width] for at in range(0, len(indexes), width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", bytes(found["palette"])),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
