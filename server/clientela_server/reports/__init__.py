"""Reports on the whole base: RFM, cohorts, and what clients will bring.

    reports        the calls ask here: one report is made at a time, and is kept until the ledger has moved on
    clients        a part of the clients, and what came in from them, as arrays
    sums           adding up money exactly
    rfm            scores; domain/rfm has the definitions
    cohorts        months and cohorts; domain/cohorts has the definitions
    histories      what the models are fitted on
    winning        who was won by which channel; domain/economics has the definitions
    forecasts      the models fitted, and what each client will bring
    back_test      how well the same models would have predicted what is known by now

Rules: all that a report needs is read in one scan, from one moment, of a column that holds what came in by
currency and day, so that any day up to today can be the last one; the ledger itself is not read. What takes
long is done on threads, a little at a time. Needs numpy and scipy (`clientela[economics]`), which are loaded
when the first report is asked for: a server without them serves all else. Read next: reports.py.
"""
