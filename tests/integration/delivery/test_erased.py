"""A customer is erased while a message to them is on its way."""

from engine.customer import Customer
from engine.erasures import Erasure
from engine.events import Responded
from engine.rows import Row
from tables import rows
from tables.profiles import Copy, Profiles
from tests.integration.delivery.post import Post, fresh, message
from tests.support import processes
from tests.support.valkey import Valkey

FORMER, NOW = 1, 2


def stored(customer_id: str, *, erasure: Erasure | None = None) -> Copy:
    row = Row(customer=Customer(id=customer_id), erasure=erasure)
    version = FORMER if erasure is None else NOW
    return Copy(customer_id, version, rows.encode(row, epoch=1, version=version, offset=version))


async def remember(server: Valkey, *copies: Copy) -> None:
    """Do what the mirror does."""
    profiles = Profiles(url=server.url)
    await profiles.write(copies)
    await profiles.close()


async def test_a_message_to_somebody_erased_meanwhile_does_not_leave(
    post: Post, valkey_server: Valkey
) -> None:
    """X50: one to somebody else does, known to Redis or not."""
    gone, known, new = message(fresh()), message(fresh()), message(fresh())
    await remember(
        valkey_server,
        stored(gone.customer, erasure=Erasure("x", 1, (gone.customer,))),
        stored(known.customer),
    )

    with processes.running(post.process(redis=valkey_server.url)):
        await post.decide(gone, known, new)
        [refused] = await post.heard(gone.id)
        others = [await post.responses(other.id) for other in (known, new)]

    assert isinstance(refused, Responded)
    assert (refused.response, refused.code) == ("failed", "erased")
    assert [send.state for send in await post.sends(gone.id)] == ["failed"]
    assert others == [["accepted"], ["accepted"]]
