"""What each write does (the order of rules, claims, rows and entries), and each read that judges.

One module a noun. A use case takes the journal's open transaction, asks `domain` for the rules, and has
`store` read and write the rows; it knows neither protobuf nor SQL. Read next: `spends`, the shortest.
"""
