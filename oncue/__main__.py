"""`python -m oncue`: the same as the command `oncue`."""

import sys

from oncue import cli

sys.exit(cli.main())
