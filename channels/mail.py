"""A rendered message as the bytes of a mail."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final

from engine.sends import Rendered

# 7 bits pass every server; lines longer than 998 are broken by the encoding, never by a relay.
_POLICY: Final = SMTP.clone(cte_type="7bit")

_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)


def written(rendered: Rendered, *, sender: Address, to: Address, message_id: str) -> bytes:
    """Write the mail; the same message has the same Message-ID however often it is tried.

    Raises:
        ValueError: a header of more than one line.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = rendered.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message_id}@{sender.domain}>"
    for name, value in rendered.headers.items():
        mail[name] = value
    if rendered.text or not rendered.html:
        mail.set_content(rendered.text)
        if rendered.html:
            mail.add_alternative(rendered.html, subtype="html")
    else:
        mail.set_content(rendered.html, subtype="html")
    return mail.as_bytes()


def as_data(mail: bytes) -> bytes:
    """Double leading dots and add the final one (RFC 5321, 4.5.2)."""
    return _LEADING_DOT.sub(b"..", mail) + (b"" if mail.endswith(b"\r\n") else b"\r\n") + b".\r\n"
