"""The server where the system lets it open few files: python -m tests.security.few_files, as itself.

CLIENTELA_TEST_FILES is how many, soft and hard: "160:160".
"""

import os
import resource
import sys

from clientela_server.__main__ import main

if __name__ == "__main__":
    soft, hard = map(int, os.environ["CLIENTELA_TEST_FILES"].split(":"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    sys.exit(main())
