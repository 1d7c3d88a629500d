"""How long what must come is waited for, here and in the tests: so long that only a hang is longer.

No verdict rests on it, however loaded the machine is. A time that is itself what is asked about, such as a
deadline that is to pass, stands where it is used.
"""

HANG_S = 300.0
