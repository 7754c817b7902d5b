"""`python -m app` is `kryptic`."""

import sys

from app.cli.main import main

sys.exit(main())
