"""The SDK's two clients, written once: `_async` by hand and from the protos, `_sync` from `_async`.

After an edit here, or of the protos, `make sdk` writes the rest (protos/sync_for_python.py: it takes away
`async` and `await`, and changes names).
Read in this order: client.py, nouns/customers.py, calls.py, items.py.
"""
