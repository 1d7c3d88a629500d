"""Docstrings of the Python SDK, from the comments of the protos."""

import re
import textwrap

#: Where the protos' verb is another one here.
VERBS = {"Reads": "Return", "Tells": "Return"}
#: Of a line of code, less the indent of a method's body.
WIDTH = 110 - 8


def paragraphs(comment: str) -> list[str]:
    """Return the paragraphs of a comment, each on one line."""
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", comment) if each.strip()]


def imperative(sentence: str) -> str:
    """Return a sentence that begins "Registers a customer" as "Register a customer"."""
    verb, _, rest = sentence.partition(" ")
    if verb in VERBS:
        return f"{VERBS[verb]} {rest}"
    for ending, bare in ((r"ies$", "y"), (r"(ss|x|ch|sh)es$", r"\1"), (r"s$", "")):
        if re.search(ending, verb):
            return f"{re.sub(ending, bare, verb)} {rest}"
    return sentence


def lower_first(text: str) -> str:
    """Return the text after a colon: "How many" is "how many", "AIP-160" stays."""
    text = " ".join(text.split())
    return text[0].lower() + text[1:] if re.match(r"[A-Z][a-z ]", text) else text


def docstring(first: str, others: list[str], sections: dict[str, dict[str, str]]) -> str:
    """Return a method's docstring: paragraphs, then sections of entries."""
    parts = [wrapped(f'"""{first}'), *map(wrapped, others)]
    for title, entries in sections.items():
        lines = [wrapped(f"{name}: {text}", " " * 4, " " * 8) for name, text in entries.items()]
        if lines:
            parts.append("\n".join([f"{title}:", *lines]))
    text = "\n\n".join(parts).replace("\\", "\\\\")
    return textwrap.indent(text + ('\n"""' if "\n" in text else '"""'), " " * 8) + "\n"


def wrapped(text: str, first_indent: str = "", indent: str = "") -> str:
    """Return the text in lines that fit into a method's docstring."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first_indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
