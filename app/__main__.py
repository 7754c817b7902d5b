"""`python -m app` is `kryptic`."""

import sys

from app.cli import main

sys.exit(main())
