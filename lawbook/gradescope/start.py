"""Made by Lawbook: starts it from the source beside this file, for `run_autograder` and `setup.sh`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
    from lawbook.gradescope.running import main

    sys.exit(main(sys.argv[1:]))
