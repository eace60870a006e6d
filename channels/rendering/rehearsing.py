"""Messages shown as they would be sent, by whoever only rehearses: links lead nowhere."""

from collections.abc import Callable
from typing import Final

from channels.errors import RenderError
from channels.links import Links, Origin
from channels.rendering.render import Renderer
from engine import keys
from engine.definitions.templates import Template
from engine.messages import Message
from engine.rehearsal.telling import Shown, Unrendered

_NOBODYS: Final = "a secret of nobody's"
"""No door of ours takes a link signed with it."""


def renderer() -> Callable[[Message, Template], Shown]:
    """Fill templates as delivery does."""
    links = Links(secrets=[_NOBODYS], public_url="https://links.invalid")
    made = Renderer(links=links)

    def render(message: Message, template: Template) -> Shown:
        try:
            return made.render(
                template, to=message.to, context=message.context, origin=_origin(message)
            )
        except RenderError as error:
            return Unrendered(why=str(error))

    return render


def _origin(message: Message) -> Origin:
    return Origin(
        message_id=message.id,
        customer_key=keys.from_public_id(message.customer),
        campaign=message.campaign,
        channel=message.channel,
        template=message.template,
        template_version=message.template_version,
    )
