"""The web door: the same handlers through the same gate, for browsers, curl and whoever speaks HTTP.

    guard          who may knock: known hosts, no foreign pages
      |- connect_door    Connect, gRPC-Web and their JSON, by the `connectrpc` package
      |- rest_door       GET /v1/customers/42: the paths that the protos bind, read from the descriptors
      |- figures         /metrics
      `- files           the phone

Rule: a transport turns its call into a `CallMetadata` and a `receive`, and sends back what the gate says; it
knows no caller, no right and no reason. Loaded only where there is a web port. Read next: site.py.
"""
