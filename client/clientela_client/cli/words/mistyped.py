"""Unknown commands, with a suggestion if one is near."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

import click

ResolvedCommand = tuple[str | None, click.Command | None, list[str]]


class UnknownCommand(click.UsageError):
    """Raised for an unknown command. meant: the suggested command line, "" if there is none."""

    def __init__(self, message: str, meant: str, ctx: click.Context) -> None:
        super().__init__(message, ctx)
        self.meant = meant


def resolve_or_suggest(
    group: click.Group, ctx: click.Context, args: list[str], resolve: Callable[..., ResolvedCommand]
) -> ResolvedCommand:
    """Resolve a command as the group does; raise UnknownCommand with a suggestion."""
    try:
        return resolve(ctx, args)
    except click.exceptions.NoSuchCommand as unknown:
        # A word that looks like an option is parsed again by click, whose own error is right.
        raise _unknown_command(group, ctx, unknown.command_name, args[1:]) from None


def _unknown_command(
    group: click.Group, ctx: click.Context, word: str, rest: Sequence[str]
) -> UnknownCommand:
    names = group.list_commands(ctx)
    words = _verb_first(group, ctx, word, rest) or _nearest(word, names)
    if not words:
        return UnknownCommand(f'there is no command "{word}". There are: {", ".join(names)}', "", ctx)
    meant = " ".join([ctx.command_path, *words, *_arguments(rest[len(words) - 1 :])])
    return UnknownCommand(f'there is no command "{word}". Did you mean {" ".join(words)}?', meant, ctx)


def _nearest(word: str, names: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word.casefold(), names, n=1)


def _verb_first(group: click.Group, ctx: click.Context, word: str, rest: Sequence[str]) -> list[str]:
    """Return ["customers", "list"] for `list customers`."""
    noun = next((name for name in rest[:1] if name in group.list_commands(ctx)), None)
    found = group.get_command(ctx, noun) if noun else None
    known = isinstance(found, click.Group) and word in found.list_commands(ctx)
    return [noun, word] if noun and known else []


def _arguments(rest: Sequence[str]) -> list[str]:
    """Return the arguments before the first option, quoted for a shell."""
    ends = next((place for place, word in enumerate(rest) if word.startswith("-")), len(rest))
    return [shlex.quote(word) for word in rest[:ends]]
