"""The rules of the business, and nothing else: no I/O, no gRPC, no SQL, no clock of their own.

Read `customers` and `purchases`; `totals` is what is kept so that no ledger need be scanned.
"""
