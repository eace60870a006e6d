"""What makes a whole file useless; a bad line is `items.Refused`.

RejectedError
└── UnreadableFileError    no UTF-8, or a header that cannot be understood
"""

from engine.errors import RejectedError


class UnreadableFileError(RejectedError):
    """Nothing of the file can be read, or nothing further; `path` is the column, if it is one's."""
