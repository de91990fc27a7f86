"""`python -m tests.integration.james` gets James, once."""

import sys

from tests.integration.james.jars import NoJames, fetch

if __name__ == "__main__":
    try:
        jars = fetch()
    except NoJames as problem:
        sys.exit(str(problem))
    sys.stdout.write(f"James is in {jars.root}\n")
