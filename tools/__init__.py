"""Tools of the repository: notebooks and tests."""
