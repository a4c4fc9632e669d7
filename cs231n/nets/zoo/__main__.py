"""``python -m cs231n.nets.zoo`` prints the table of all nets; with a page's path, it goes there."""

import sys

from cs231n.nets.zoo.listing import markdown, rewrite

if len(sys.argv) > 2:
    sys.exit("usage: python -m cs231n.nets.zoo [page.md]")
if sys.argv[1:]:
    rewrite(sys.argv[1])
else:
    print(markdown())
