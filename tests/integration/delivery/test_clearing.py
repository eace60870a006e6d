"""What comes between the decision and the sending: an erasure, a suppression, a Redis away."""

import msgspec

from engine import suppressions
from engine.customer import Customer
from engine.erasures import Erasure
from engine.events import Responded
from engine.messages import MessageClass
from engine.rows import Row
from engine.shared.counters import CounterRow
from engine.shared.standings import AddressState, Mark
from engine.suppressions import Scope
from tables import counters, rows
from tables.profiles import COUNTER, COUNTERS_COPY, Copies, Copy, Profiles
from tests.integration.delivery.post import Post, fresh, mark_complete, message
from tests.support import processes
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

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


async def suppress(server: Valkey, address: str, scope: Scope) -> None:
    """Do what the worker and the mirror do."""
    row = CounterRow(address=AddressState(marks=(Mark("operator", scope, 1),)))
    name = suppressions.counter(suppressions.hashed("email", address))
    copies = Copies(url=server.url, rows_at=COUNTER, place=COUNTERS_COPY)
    await copies.write([Copy(name, 1, counters.encode(row, epoch=1, version=1, offset=1))])
    await copies.close()


async def outcome(post: Post, message_id: str) -> tuple[str, str | None]:
    [event] = await post.heard(message_id)
    assert isinstance(event, Responded)
    return event.response, event.code


async def test_a_message_to_somebody_erased_meanwhile_does_not_leave(
    post: Post, valkey_server: Valkey
) -> None:
    """X50: one to somebody else does, known to Redis or not."""
    gone, known, new = message(fresh()), message(fresh()), message(fresh())
    await mark_complete(valkey_server.url)
    await remember(
        valkey_server,
        stored(gone.customer, erasure=Erasure("x", 1, (gone.customer,))),
        stored(known.customer),
    )

    with processes.running(post.process(redis=valkey_server.url)):
        await post.decide(gone, known, new)
        refused = await outcome(post, gone.id)
        others = [await post.responses(other.id) for other in (known, new)]

    assert refused == ("failed", "erased")
    assert [send.state for send in await post.sends(gone.id)] == ["failed"]
    assert others == [["accepted"], ["accepted"]]


async def test_x47_nothing_leaves_to_an_address_suppressed_meanwhile(
    post: Post, valkey_server: Valkey
) -> None:
    """The customer's row has admitted it: another customer's bounce came in between."""
    await mark_complete(valkey_server.url)
    await suppress(valkey_server, "all@mail.example", "all")
    await suppress(valkey_server, "some@mail.example", "marketing")

    def to(address: str, message_class: MessageClass) -> str:
        decided.append(
            msgspec.structs.replace(
                message(fresh(), message_class=message_class), to=f"{address}@mail.example"
            )
        )
        return decided[-1].id

    decided = [message(fresh())]
    ids = [
        to("ALL", "marketing"),
        to("all", "transactional"),
        to("some", "marketing"),
        to("some", "transactional"),
    ]
    with processes.running(post.process(redis=valkey_server.url)):
        await post.decide(*decided)
        found = [await outcome(post, one) for one in ids]

    assert [one[1] for one in found[:3]] == ["suppressed"] * 3
    assert found[3][0] == "accepted"


async def test_x47_nothing_leaves_before_redis_is_complete_and_everything_after(
    post: Post, valkey_server: Valkey
) -> None:
    """Away or unmarked, nobody can tell who is suppressed."""
    waiting, later = message(fresh()), message(fresh())
    await suppress(valkey_server, "other@mail.example", "all")
    delivery = post.process(redis=valkey_server.url)
    with processes.running(delivery):
        await post.decide(waiting)
        await eventually(lambda: "copy_incomplete" in delivery.said)
        assert await post.sends(waiting.id) == []

        await mark_complete(valkey_server.url)
        assert await post.responses(waiting.id) == ["accepted"]

        valkey_server.stop()
        await post.decide(later)
        await eventually(lambda: "redis_away" in delivery.said)
        assert await post.sends(later.id) == []

        valkey_server.start()
        assert await post.responses(later.id) == ["accepted"]
