"""Names that stand for something already: words of the languages, parameters, options, modules, types.

They are read off the code, so that what is added there is refused here. Read next: noun.py, writing.py.
"""

import builtins
import inspect
import keyword
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from clientela_client._sync.nouns.purchases import SyncPurchases
from clientela_client.cli.command.list_options import list_flags
from clientela_client.cli.command.options import GLOBAL_NAMES, RunOptions
from clientela_client.cli.main import root as command_line

# Fields of every noun, in the contract and in the domain.
_OF_EVERY_NOUN = frozenset(
    "name parent customer recorded recorded_by created create_time create_us revision".split()
)
# Words that would stand for something else where a template uses the name, and AIP's own.
_OF_TEMPLATES = frozenset(
    "context each fields id request draft command help format option language currency region country "
    "page order dry settled replace composed self cls etag".split()
)
_OF_PROTO = frozenset(
    "message enum service rpc returns stream optional repeated oneof map reserved extend extensions package "
    "syntax option import public weak group string bytes float double to true false".split()
)
# Written out: Python 3.12 has one more ("type"), and the answer is the same under each Python.
_SOFT_KEYWORDS = frozenset("_ case match".split())
_PACKAGES = ("server/clientela_server", "client/clientela_client")


@cache
def meaning(word: str) -> str | None:
    """Return what a word stands for where the name of a field or noun is used; None: nothing."""
    if keyword.iskeyword(word) or word in _SOFT_KEYWORDS:
        return "a reserved word of Python"
    if word in _OF_EVERY_NOUN:
        return "a reserved name: every noun has it"
    if word in GLOBAL_NAMES | {field.name for field in fields(RunOptions)}:
        return "a reserved word: an option of every command"
    if word in _of_the_sdk() | _of_lists():
        return "a reserved word: a parameter of the SDK or the command line"
    if word in _OF_TEMPLATES | _OF_PROTO:
        return "a reserved word of the contract or of the code that is made"
    return "a reserved word: a builtin of Python" if word in dir(builtins) else None


def _of_the_sdk() -> set[str]:
    """Return the parameters that a noun's methods have, but those called as a noun."""
    methods = (SyncPurchases.record, SyncPurchases.list, SyncPurchases.list_page)
    taken = {name for method in methods for name in inspect.signature(method).parameters}
    return {name for name in taken if not name.startswith("purchase")}


def _of_lists() -> set[str]:
    def bare() -> None:
        """Take the options of a list."""

    decorated: Any = list_flags("")(bare)
    return {str(param.name) for param in decorated.__click_params__}


def holder(root: Path, word: str) -> str | None:
    """Return what in a checkout is called so, ignoring case: a module, a type, a command; None: nothing."""
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.stem == word and (path.is_dir() or path.suffix == ".py"):
                return f"the module {path.relative_to(root)}"
    if word in vars(command_line)["_nouns"]:
        return f"the command `clientela {word}`"
    return _type_called(root / "client/clientela_client", word)


def _type_called(client: Path, word: str) -> str | None:
    """Return the message or the class of the SDK that is called so."""
    messages = re.findall(r"\b[A-Z]\w+", (client / "messages.py").read_text("utf-8").rpartition('"""')[2])
    for path in sorted((client / "_async").glob("*.py")):
        messages += re.findall(r"^class (?:Aio)?(\w+)", path.read_text("utf-8"), re.MULTILINE)
    return next((f"the type {name}" for name in messages if name.lower() == word), None)
