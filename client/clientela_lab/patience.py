"""The timeout for what must happen, here and in the tests: so long that only a hang exceeds it.

No verdict rests on it, however loaded the machine is. A time that is itself what is asked about, such as a
deadline that is to pass, stands where it is used.
"""

HANG_S = 300.0
