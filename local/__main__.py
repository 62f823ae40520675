"""`python -m local <command>`."""

from local.cli import main

main()
