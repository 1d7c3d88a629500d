"""Customer-base models: BG/NBD and Gamma-Gamma, fitted by maximum likelihood.

    histories      who bought how often, when last, since when, for how much: what the models are fitted on
    bg_nbd         how many purchases are to come, and is the client still one (Fader, Hardie, Lee 2005)
    gamma_gamma    how much a purchase is worth (Fader, Hardie 2013)
    lifetime       both together: the value of what is to come, discounted
    limits         how far what comes may be from that, for one client and for all together
    fitting        the highest likelihood, from several starts

Rules: arrays in, arrays out; a unit of time is the caller's, and the same everywhere; what is fitted on are
sufficient statistics, so that it costs as many customers as there are, however much they bought.
Needs numpy and scipy (`clientela[economics]`). Read next: histories.py.
"""
