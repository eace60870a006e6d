"""Messages as a worker decides them."""

from engine.messages import Message, MessageClass


def message(
    message_id: str,
    *,
    at: int,
    lives_ms: int = 3_600_000,
    message_class: MessageClass = "marketing",
) -> Message:
    """To Ann, by email, decided at that moment."""
    return Message(
        id=message_id,
        customer="ann",
        channel="email",
        to="ann@shop.example",
        campaign="cart",
        version=1,
        trigger="t1",
        instance="i",
        step="s1",
        template="cart-mail",
        template_version=1,
        message_class=message_class,
        decided_at=at,
        caused_at=at,
        expires_at=at + lives_ms,
    )
