# Made from protos/clientela/v1 by protos/nouns_for_python.py: edit that, and run make sdk.
"""The methods of the SDK, a module a service, made from the protos. Read next: purchases.py."""
