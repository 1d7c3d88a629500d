"""The policy of a page that is one file: only its own style and script may act, by their digests.

Read next: `cli/economics/page`; the lab's page has the same.
"""

import base64
import hashlib


def content_policy(style: str, script: str) -> str:
    """Return the policy for a style and a script, each exactly as it stands in the page (CSP level 3)."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
