"""The server: it owns the customer registry and the purchase ledger, and alone decides what is true.

Read in the order of a call: `app` (what is wired to what), `rpc/gate` (the door every call passes),
`rpc/services/purchases` (decode, call, encode), `domain/purchases` (the rules), `store/journal/journal`
(the one write path).
"""
