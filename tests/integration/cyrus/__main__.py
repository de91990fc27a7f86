"""`python -m tests.integration.cyrus` gets Cyrus, once."""

import sys

from tests.integration.cyrus.tree import NoCyrus, fetch

if __name__ == "__main__":
    try:
        tree = fetch()
    except NoCyrus as problem:
        sys.exit(str(problem))
    sys.stdout.write(f"Cyrus is in {tree.root}\n")
