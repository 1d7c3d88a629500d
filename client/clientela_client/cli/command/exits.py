"""Exit codes, with the name of each outcome and the next step by the server's reason.

Scripts rely on exit codes: they are listed in `clientela --help` and keep their meaning.
Read next: error_output.py, which prints an error.
"""

DONE, OTHER, USAGE, NOT_FOUND, NOT_ALLOWED, CONFLICT, INVALID, UNAVAILABLE, IN_DOUBT = range(9)
INTERRUPTED = 130

OUTCOME_WORDS = {
    OTHER: "Error",
    USAGE: "Usage",
    NOT_FOUND: "Not found",
    NOT_ALLOWED: "Not allowed",
    CONFLICT: "Conflict",
    INVALID: "Invalid",
    UNAVAILABLE: "Unavailable",
    IN_DOUBT: "In doubt",
    INTERRUPTED: "Interrupted",
}

# Exit codes by gRPC status code: these codes prove that nothing was written.
EXIT_CODES_BY_STATUS = {
    "NOT_FOUND": NOT_FOUND,
    "UNAUTHENTICATED": NOT_ALLOWED,
    "PERMISSION_DENIED": NOT_ALLOWED,
    "ALREADY_EXISTS": CONFLICT,
    "ABORTED": CONFLICT,
    "INVALID_ARGUMENT": INVALID,
    "FAILED_PRECONDITION": INVALID,
    "OUT_OF_RANGE": INVALID,
    "UNIMPLEMENTED": OTHER,
}

# The next step, by the server's reason or else by the status code. {words} are the error's metadata, {get} is
# the command that shows its resource; a step with a missing word is left out.
NEXT_STEPS = {
    "CUSTOMER_NOT_FOUND": "clientela customers list",
    "PURCHASE_NOT_FOUND": "clientela purchases list",
    "CUSTOMER_EXISTS": "clientela customers get {name}",
    "EMAIL_TAKEN": "clientela customers get {name}",
    "ETAG_MISMATCH": "clientela {get}, see what has changed, then give --etag {current_etag}",
    "SEGMENT_NOT_FOUND": "clientela segments list",
    "SEGMENT_EXISTS": "clientela segments get {name}",
    "CUSTOMER_DELETED": "clientela customers undelete {name}",
    "CUSTOMER_NOT_DELETED": "clientela customers get {name}",
    "PURCHASE_EXISTS": "clientela purchases get {name}",
    "SPEND_NOT_FOUND": "clientela spends list",
    "SPEND_EXISTS": "clientela spends get {name}",
    "REFUND_EXCEEDS_PURCHASE": "clientela purchases get {name}",
    "REFUND_OF_REFUND": "clientela purchases get {refund_of}",
    "REQUEST_ID_REUSED": "leave out --request-id: a new one is made for what is new",
    "EPOCH_CHANGED": "clientela watch --after 0 --epoch {epoch}, and forget what was read before",
    "REVISION_AHEAD": "clientela watch --after {head}",
    "CALL_NOT_ALLOWED": "--token with one of another role, as made by `clientela-server token create`",
    "TOKEN_INVALID": "a new one, as made by `clientela-server token create`",
    "IMPORT_TOO_MANY_REJECTED": "import the first few hundred rows alone, to see what is wrong",
    "TOO_MANY_REJECTED": "import the first few hundred rows alone, to see what is wrong",
    "TLS_WANTED": "--ca with the server's ca.pem, or --fingerprint with what it printed when it started",
    "TLS_UNTRUSTED": "--ca or --fingerprint, with what the server's administrator gives you",
    "TLS_NOT_SPOKEN": "leave out --ca and --fingerprint, or see whether a server with --tls has the port",
    "TLS_CERTIFICATE_WANTED": "--cert and --key, with what the server's administrator gives you",
    "UNAVAILABLE": "the same command again in a while",
    "REPORT_BEING_MADE": "the same command again in a while",
    "SERVER_TIME_LIMIT": "ask for less at a time; a longer --timeout changes nothing",
    "DEADLINE_EXCEEDED": "the same command with a longer --timeout",
    "UPSTREAM_UNREACHED": "start the server first, or name another by --upstream",
    "UNREACHED": "start one with `clientela-server`, or name another by --server or CLIENTELA_SERVER",
}

# The effect of each writing call, for a write in doubt; `write_effect` has the words of all that record.
WRITE_EFFECTS = {
    "CustomerService.CreateCustomer": "the customer was created",
    "CustomerService.UpdateCustomer": "the customer was changed",
    "CustomerService.DeleteCustomer": "the customer was deleted",
    "CustomerService.UndeleteCustomer": "the customer was brought back",
    "CustomerService.EraseCustomer": "the customer was erased",
    "CustomerService.ImportCustomers": "all of the rows were registered",
    "PurchaseService.RefundPurchase": "the refund was recorded",
    "PurchaseService.ImportPurchases": "all of the rows were recorded",
    "StandingService.UpdatePolicy": "the policy was changed",
    "SegmentService.CreateSegment": "the segment was made",
    "SegmentService.UpdateSegment": "the segment was changed",
    "SegmentService.DeleteSegment": "the segment was deleted",
    "SpendService.RecordSpend": "the spend was recorded",
    "SpendService.DeleteSpend": "the spend was deleted",
}


def write_effect(method: str) -> str:
    """Return the effect of a writing call: "the purchase was recorded" of PurchaseService.RecordPurchase."""
    noun, _, rpc = method.partition("Service.")
    recorded = f"the {noun.lower()} was recorded" if rpc == f"Record{noun}" else "it was done"
    return WRITE_EFFECTS.get(method, recorded)
