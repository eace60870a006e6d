"""What can be wrong with a file of tests; the message is a line for people with file and line."""


class CaseFileError(Exception):
    """The file is no file of tests."""

    code = "invalid_test_file"
