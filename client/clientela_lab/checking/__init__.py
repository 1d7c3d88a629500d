"""What clients were told against what is in the ledger: the history, and its checker."""
