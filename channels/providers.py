"""Which provider serves which channel."""

from channels import addresses
from channels.channel import Channel
from channels.email import Email
from channels.sandbox import Sandbox


def by_channel(*, smtp_url: str, mail_from: str) -> dict[str, Channel]:
    """Choose for each channel; without an SMTP server, email stays in the sandbox.

    Raises:
        InvalidAddressError: one of the two cannot be read.
    """
    sender = addresses.sender(mail_from)
    if not smtp_url:
        return {"email": Sandbox()}
    return {"email": Email(server=addresses.server(smtp_url), sender=sender)}
