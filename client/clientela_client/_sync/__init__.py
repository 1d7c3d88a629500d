# Made from _async/__init__.py by protos/sync_for_python.py: edit that, and run make sdk.
"""The SDK's two clients, written once: `_sync` by hand and from the protos, `_sync` from `_sync`.

After an edit here, or of the protos, `make sdk` writes the rest (protos/sync_for_python.py: it takes away
`async` and `await`, and changes names).
Read in this order: client.py, nouns/customers.py, calls.py, items.py.
"""
