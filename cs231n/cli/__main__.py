"""``python -m cs231n.cli``, for where the command is not on the path."""

from cs231n.cli import main

main(prog_name="cs231n")
