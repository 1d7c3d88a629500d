"""Elements of HTML and SVG from Python: texts are escaped here, unless they are Markup already."""

from __future__ import annotations

import html


class Markup(str):
    """Text that is markup, made by `tag`."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """Return an element, `tag("td", "3 < 4", class_="sum")`; what is None or False is left out."""
    said = "".join(
        f" {_attribute(key)}" + ("" if value is True else f'="{html.escape(_text(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Return the children one after the other."""
    return Markup("".join(each if isinstance(each, Markup) else html.escape(each) for each in children))


def _attribute(key: str) -> str:
    """`class_` is class, `aria_label` is aria-label, and `viewBox` stays."""
    return key.rstrip("_").replace("_", "-")


def _text(value: str | float | bool) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def percent(share: float) -> str:
    """Return 0.125 as "12.5%": where things stand in a drawing as wide as its place."""
    return f"{_text(float(share) * 100)}%"


def table(head: tuple[str, ...], rows: list[list[str]], label: str, **attributes: str) -> Markup:
    """Return a table, the first cell of a row being its head, in a box that the keyboard can scroll."""
    titles = tag("tr", *(tag("th", each, scope="col") for each in head))
    lines = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in cells))
        for first, *cells in rows
    )
    return scrolled(tag("table", tag("thead", titles), tag("tbody", *lines), **attributes), label)


def scrolled(content: Markup, label: str) -> Markup:
    """Return a box for what may be wider than a telephone."""
    return tag("div", content, class_="scrolls", tabindex="0", role="region", aria_label=label)


def details(summary: str, *content: str) -> Markup:
    """Return what is there for whoever opens it."""
    return tag("details", tag("summary", summary), *content)


def section(place: str, title: str, lead: str, *content: str) -> Markup:
    """Return a part of the page, with what it answers beneath its title."""
    return tag(
        "section",
        tag("h2", title, id=f"{place}-title"),
        tag("p", lead, class_="lead"),
        *content,
        id=place,
        aria_labelledby=f"{place}-title",
    )
