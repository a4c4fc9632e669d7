"""The notebooks are run by ``test_year_notebooks``, not imported by the collection of doctests."""

collect_ignore_glob = ["year_*.py"]
