"""The web port: the same handlers through the same gate, for browsers, curl and other HTTP clients.

    guard                Host and Origin checks against DNS rebinding and cross-site requests
      |- connect_adapter   Connect, gRPC-Web and their JSON, by the `connectrpc` package
      |- rest_adapter      GET /v1/customers/42: the HTTP bindings of the protos, read from the descriptors
      |- figures           /metrics
      `- files             the phone app

Rule: an adapter makes a `CallMetadata` and a `receive` of its call, and sends the gate's reply;
authentication, authorization and errors are the gate's. Loaded only where there is a web port. Read next:
site.py.
"""
