# Made from _async/nouns/__init__.py by protos/sync_for_python.py: edit that, and run make sdk.
"""The methods of the SDK, a module a service, made from the protos. Read next: purchases.py."""
