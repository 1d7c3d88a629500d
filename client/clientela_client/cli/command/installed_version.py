"""The version of the installed package."""


def version() -> str:
    """Return the version of the installed package."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("clientela")
    except PackageNotFoundError:
        return "(not installed)"
