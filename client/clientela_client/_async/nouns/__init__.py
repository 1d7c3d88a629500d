"""The methods of the SDK, a module a service, made from the protos. Read next: purchases.py."""
