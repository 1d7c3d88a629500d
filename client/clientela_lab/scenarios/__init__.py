"""The scenarios: one file, one idea. They are written to be read, from the first line to the last.

Each opens with its question, what will happen, what to look at and what to read next; then come some forty
lines that make it happen to a real server. docs/lab.md lists them, and so does `clientela lab list`.
Read first: first_call.py.
"""

#: What a learner reads first; the rest follows by the alphabet.
READING_ORDER = (
    "first-call",
    "four-clients",
    "kinds-of-calls",
    "deadline",
    "lost-reply",
    "duplicate-delivery",
    "killed-between",
    "retry-storm",
    "rolling-restart",
    "two-editors",
    "offline-queue",
    "phone-in-a-tunnel",
    "watch-cut-and-resumed",
    "half-open-line",
    "slow-reader",
    "message-too-large",
    "old-client",
    "new-client",
    "no-token",
    "is-the-client-lost",
)
