"""Write a noun: python -m tools.new_noun complaints customer:name subject:text opened:time severity:int

Everything is checked before anything is written. `make noun` runs this, then makes the generated code.
Read next: noun.py (what a noun may be), writing.py (what is written where), templates/.
"""

import sys
from pathlib import Path

from tools.new_noun.noun import NotANoun, read_noun
from tools.new_noun.writing import changes


def main(arguments: list[str]) -> int:
    """Write the noun of a command line into the checkout that is the working directory."""
    root = Path.cwd()
    try:
        noun = read_noun(arguments[0] if arguments else "", arguments[1:])
        made = changes(root, noun)
    except NotANoun as error:
        sys.stderr.write(f"new_noun: {error}; nothing was written\n")
        return 2
    for name, text in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
