"""The lines of the templates that follow from a noun's fields."""

from tools.new_noun.noun import Field, Noun

_TEXT_MAX = 2000


def blocks(noun: Noun) -> dict[str, str]:
    """Return the text for each place of the templates that is made of fields."""
    return _of_contract(noun) | _of_domain(noun) | _of_table(noun) | _of_command(noun) | _of_test(noun)


def _lines(texts: list[str]) -> str:
    return "\n".join(texts)


def _of_contract(noun: Noun) -> dict[str, str]:
    numbers = range(2, 2 + len(noun.fields))
    ordered = [field.in_message for field in noun.fields if field.type in {"int", "bool", "time"}]
    dates = [field.in_message for field in noun.of_type("date")]
    return {
        "imports": 'import "google/type/date.proto";\n' if dates else "",
        "fields": _lines([_proto_field(*each) for each in zip(noun.fields, numbers, strict=True)]),
        "recorded_by": str(2 + len(noun.fields)),
        "create_time": str(3 + len(noun.fields)),
        "revision": str(4 + len(noun.fields)),
        "filters": ", ".join([*ordered, *dates, "revision"]),
        "orders": ", ".join([*ordered, "revision"]),
    }


_COMMENTS = {
    "text": "at most {most} characters. Set by the caller; erased with the customer.",
    "int": "from 0. Set by the caller; unset: 0.",
    "bool": "or not. Set by the caller; unset: not.",
    "time": "then. Set by the caller, up to 60 s ahead of the server's clock (clocks differ); unset: now.",
    "date": "on that day. Set by the caller.",
}
_PROTO_TYPES = {
    "text": "string",
    "int": "optional int32",
    "bool": "optional bool",
    "time": "google.protobuf.Timestamp",
    "date": "google.type.Date",
}
_PROTO_RULES = {
    "text": ", (buf.validate.field).string = {{min_len: 1, max_len: {most}}}",
    "int": ", (buf.validate.field).int32.gte = 0",
}


def _proto_field(field: Field, number: int) -> str:
    word = field.name.replace("_", " ")
    if field.type == "int" and not field.name.endswith("_count"):
        word = f"Not a count: {word}"
    comment = _COMMENTS[field.type].format(most=_TEXT_MAX)
    rules = _PROTO_RULES.get(field.type, "").format(most=_TEXT_MAX)
    behavior = "REQUIRED" if field.type == "text" else "OPTIONAL"
    options = f"[(google.api.field_behavior) = {behavior}{rules}]"
    line = f"  {_PROTO_TYPES[field.type]} {field.in_message} = {number} {options};"
    return f"  // {word[0].upper()}{word[1:]}, {comment}\n{line}"


_HINTS = {"text": "str", "int": "int", "bool": "bool", "time": "int | None", "date": "int | None"}


def _of_domain(noun: Noun) -> dict[str, str]:
    texts, times = noun.of_type("text"), noun.of_type("time")
    imports = [
        *(["from clientela_server.domain.names import require_visible"] if texts else []),
        *(["from clientela_server.domain.recorded import settled_time"] if times else []),
        *(["from clientela_server.domain.writing import composed"] if texts else []),
    ]
    now = ", transaction.now_us" if times else ""
    return {
        "domain_imports": _lines(["", *imports, ""]) if imports else "",
        "also_replace": ", replace" if imports else "",
        "attributes": _lines([f"    {each.attribute}: {_HINTS[each.type]}" for each in noun.fields]),
        "rules": _settled(noun, texts, times) if imports else "",
        "settled": f"settled(draft{now})" if imports else "draft",
        "also_settled": ", settled" if imports else "",
        "texts": f", texts={tuple(each.name for each in texts)!r}".replace("'", '"') if texts else "",
    }


def _settled(noun: Noun, texts: list[Field], times: list[Field]) -> str:
    """Return the function that makes of a draft what is kept."""
    refused = [*(["a text that shows nothing"] if texts else []), *(["a time to come"] if times else [])]
    seen = ", ".join(f'("{noun.singular}.{each.name}", draft.{each.name})' for each in texts)
    kept = [f"{each.name}=composed(draft.{each.name})" for each in texts]
    kept += [
        f'{each.attribute}=settled_time(draft.{each.attribute}, now_us, "{noun.singular}.{each.in_message}")'
        for each in times
    ]
    kind = noun.singular.capitalize()
    return _lines(
        [
            f"\n\ndef settled(draft: {kind}{', now_us: int' if times else ''}) -> {kind}:",
            f'    """Return what is kept of a draft; InvalidArgument for {" or ".join(refused)}."""',
            *([f"    require_visible([{seen}])"] if texts else []),
            f"    return replace(draft, {', '.join(kept)})",
            "",
        ]
    )


_COLUMNS = {
    "int": "sa.Integer, nullable=False",
    "bool": "sa.Boolean, nullable=False",
    "time": "sa.BigInteger, nullable=False",
    "date": "sa.Integer",
}


def _of_table(noun: Noun) -> dict[str, str]:
    """Return the columns: what people wrote is none, so that it can be erased in one place."""
    columns = [
        f'sa.Column("{each.attribute}", {_COLUMNS[each.type]}),'
        for each in noun.fields
        if each.type in _COLUMNS
    ]
    return {
        "columns": _lines([f"    {column}" for column in columns]),
        "made_columns": _lines([f"        {column}" for column in columns]),
    }


_OPTIONS = {
    "text": "required=True",
    "int": "type=WholeFrom(min=0, max=INT32_MAX)",
    "bool": "is_flag=True, default=None",
    "time": "type=Moment()",
    "date": "type=DateFields()",
}
_HELPS = {"time": ", 1997-01-31 or 1997-01-31T08:26:00Z; now.", "date": ", 1997-01-31."}
_EXAMPLES = {"text": ' --{} "..."', "int": " --{} 3", "bool": " --{}", "time": "", "date": " --{} 1997-01-31"}
_SHOWN = {
    "text": 'field(lambda each: each.{0}, table="{1}", flat="{0}", fact="{0}", truncatable=True),',
    "int": 'field(lambda each: f"{{each.{0}}}", table="{1}", flat="{0}", fact="{0}", align_right=True),',
    "bool": 'field(lambda each: "yes" if each.{0} else "no", table="{1}", flat="{0}", fact="{0}"),',
    "time": 'time_field("{0}", table="{1}"),',
    "date": 'field(\n        lambda each: date(each.{0}) if each.HasField("{0}") else "",\n'
    '        table="{1}",\n        flat="{0}",\n        fact="{0}",\n    ),',
}


def _of_command(noun: Noun) -> dict[str, str]:
    options, shown, example = [], [], ""
    for field in noun.fields:
        flag = "--" + field.name.replace("_", "-")
        word = field.name.replace("_", " ").capitalize()
        options.append(
            f'    click.option("{flag}", "{field.in_message}", {_OPTIONS[field.type]},'
            f' help="{word}{_HELPS.get(field.type, ".")}"),'
        )
        shown.append("    " + _SHOWN[field.type].format(field.in_message, word.upper()))
        example += _EXAMPLES[field.type].format(flag[2:])
    types = {field.type for field in noun.fields}
    params = [name for kind, name in (("date", "DateFields"), ("time", "Moment")) if kind in types]
    numbers = "from clientela_client.cli.words.numbers import INT32_MAX, WholeFrom\n"
    times = f"from clientela_client.cli.words.time_params import {', '.join(params)}\n"
    return {
        "options": _lines(options),
        "view_fields": _lines(shown),
        "example": example.strip(),
        "command_imports": "".join(
            [
                "from clientela_client.cli.output.views import date\n" if "date" in types else "",
                numbers if "int" in types else "",
                times if params else "",
            ]
        ),
    }


_SAMPLES = {
    "text": '"as it was said"',
    "int": "3",
    "bool": "True",
    "time": "at(1_000)",
    "date": 'day("2026-01-31")',
}


def _of_test(noun: Noun) -> dict[str, str]:
    types = {field.type for field in noun.fields}
    made = [name for kind, name in (("time", "at"), ("date", "day")) if kind in types]
    return {
        "sample": ", ".join(f"{each.in_message}={_SAMPLES[each.type]}" for each in noun.fields),
        "making": ", ".join([*made, "new_customer"]),
    }
