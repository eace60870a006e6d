"""What ends an import before its file does.

ImportFailedError    the file cannot be read, nobody answers, or the answer is no
"""


class ImportFailedError(Exception):
    """The message is one line for people."""

    code = "import_failed"
