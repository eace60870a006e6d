"""What goes wrong on the way out; `code` is stable.

ChannelError
├── RenderError          reject: this template cannot be filled for this customer
├── InvalidTokenError    reject: no link of ours, or a link for another purpose
└── InvalidAddressError  crash at start: the SMTP server's URL or the sender is not usable
"""


class ChannelError(Exception):
    """Base of every error that `channels` raises on purpose."""

    code: str


class RenderError(ChannelError):
    """Nothing of the message is sent; `part` is subject, html or text."""

    code = "render_failed"

    def __init__(self, message: str, *, part: str, line: int | None = None) -> None:
        place = part if line is None else f"{part}, line {line}"
        super().__init__(f"{place}: {message}")
        self.message = message
        self.part = part
        self.line = line


class InvalidTokenError(ChannelError):
    """Says nothing about why: whoever forges links learns nothing."""

    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("no such link")


class InvalidAddressError(ChannelError):
    """A setting about mail is wrong; the message never shows a password."""

    code = "invalid_address"
