"""What becomes of a decided message where no provider is set."""

from collections.abc import Iterator

import msgspec
import pytest

from agents.delivery.campaigns import IN_A_ROW_MAX
from engine.events import RecheckRequested, Responded
from streams import topics
from streams.records import Record
from tests.integration.delivery.post import Post, fresh, message
from tests.support import processes
from tests.support.processes import Part
from tests.support.waiting import eventually


@pytest.fixture
def delivery(post: Post) -> Iterator[Part]:
    with processes.running(post.process()) as part:
        yield part


@pytest.mark.usefixtures("delivery")
async def test_a_message_is_filled_accepted_and_answered(post: Post) -> None:
    mail = message(fresh())

    await post.decide(mail)

    [event] = await post.heard(mail.id)
    reserved, accepted = await post.sends(mail.id)
    assert isinstance(event, Responded)
    assert (event.response, event.campaign, event.channel) == ("accepted", "cart", "email")
    assert (reserved.state, reserved.attempt, reserved.rendered) == ("reserved", 1, None)
    assert (accepted.state, accepted.attempt, accepted.provider) == ("accepted", 1, "sandbox")
    assert accepted.rendered is not None
    assert (accepted.rendered.to, accepted.rendered.subject) == ("ann@mail.example", "Hello Ann")


@pytest.mark.usefixtures("delivery")
async def test_what_is_decided_twice_is_sent_once_and_answered_under_one_id(post: Post) -> None:
    mail = message(fresh())
    await post.decide(mail, mail)
    await post.heard(mail.id)

    await post.decide(mail)

    events = await post.heard(mail.id, 2)
    assert len({event.id for event in events}) == 1
    assert [send.state for send in await post.sends(mail.id)] == ["reserved", "accepted"]


@pytest.mark.usefixtures("delivery")
async def test_a_message_past_its_time_expires(post: Post) -> None:
    mail = message(fresh(), lives_ms=0)

    await post.decide(mail)

    assert await post.responses(mail.id) == ["expired"]
    assert [send.state for send in await post.sends(mail.id)] == ["expired"]


@pytest.mark.usefixtures("delivery")
async def test_a_message_held_for_a_minute_goes_back_to_the_worker(post: Post) -> None:
    mail = message(fresh())

    await post.decide(mail, age_ms=61_000)

    [event] = await post.heard(mail.id)
    assert isinstance(event, RecheckRequested)
    assert event.message == mail
    assert await post.sends(mail.id) == []


@pytest.mark.usefixtures("delivery")
async def test_a_message_that_cannot_be_filled_fails_and_is_kept(post: Post) -> None:
    mail = message(fresh(), context={"customer": {}})

    await post.decide(mail)

    [event] = await post.heard(mail.id)
    assert isinstance(event, Responded)
    assert (event.response, event.code) == ("failed", "render_failed")
    assert "customer" in (event.reason or "") or "name" in (event.reason or "")
    letters = [letter for letter in await post.dead_letters() if mail.id.encode() in letter.payload]
    assert [(letter.place, letter.code) for letter in letters] == [("delivery", "render_failed")]


@pytest.mark.usefixtures("delivery")
async def test_a_message_of_a_campaign_paused_meanwhile_goes_back_to_the_worker(
    post: Post,
) -> None:
    """X61: frozen, not lost; another campaign's leaves."""
    paused, mail = fresh("campaign"), message(fresh())
    held = msgspec.structs.replace(message(fresh()), campaign=paused)
    await post.put_campaign(paused, "pause")

    await post.decide(held, mail)

    [event] = await post.heard(held.id)
    assert isinstance(event, RecheckRequested)
    assert event.message == held
    assert await post.responses(mail.id) == ["accepted"]
    assert await post.sends(held.id) == []


@pytest.mark.usefixtures("delivery")
async def test_a_template_that_cannot_be_filled_for_anybody_is_said_of_its_campaign(
    post: Post,
) -> None:
    name = fresh("campaign")
    await post.put_campaign(name)
    mails = [
        msgspec.structs.replace(message(fresh(), context={}), campaign=name)
        for _ in range(IN_A_ROW_MAX)
    ]

    await post.decide(*mails)
    for mail in mails:
        await post.heard(mail.id)

    [found] = [one for one in await post.failures() if one.campaign == name]
    assert (found.place, found.code) == ("steps.s1.template", "not_fillable")
    assert found.event in {mail.id for mail in mails}


@pytest.mark.usefixtures("delivery")
async def test_a_record_that_is_no_message_is_kept_and_the_next_one_goes_out(post: Post) -> None:
    mail, rubbish = message(fresh()), fresh("rubbish").encode()
    key = f"u:{mail.customer}".encode()

    await post.append([Record(topic=topics.MESSAGES.name, key=key, value=rubbish)])
    await post.decide(mail)

    assert await post.responses(mail.id) == ["accepted"]
    letters = [letter for letter in await post.dead_letters() if letter.payload == rubbish]
    assert [(letter.place, letter.code) for letter in letters] == [("delivery", "invalid_message")]


@pytest.mark.usefixtures("delivery")
async def test_a_message_may_be_ahead_of_its_template(post: Post) -> None:
    template = fresh("template")
    mail = message(fresh(), template=template)
    await post.decide(mail)

    await post.put_template(template)

    assert await post.responses(mail.id) == ["accepted"]


async def test_told_to_stop_it_commits_and_a_new_start_repeats_nothing(
    post: Post, delivery: Part
) -> None:
    mail, later = message(fresh()), message(fresh())
    await post.decide(mail)
    await post.heard(mail.id)

    status = delivery.stop()

    with processes.running(post.process()):
        await post.decide(later)
        await post.heard(later.id)
    assert status == 0
    assert len(await post.events(mail.id)) == 1


async def test_a_wrong_smtp_url_is_one_line_at_the_start(post: Post) -> None:
    part = post.process(smtp_url="http://mail.example")
    part.start()

    assert part.wait() == 1
    assert part.said.startswith("oncue delivery: smtp_url: 'http' is none of smtp://")
    assert part.said.count("\n") == 1


@pytest.mark.usefixtures("delivery")
async def test_a_thousand_messages_leave_once_each(post: Post) -> None:
    mails = [message(fresh()) for _ in range(1_000)]

    await post.decide(*mails)

    async def accepted() -> bool:
        sends = await post.sends(*(mail.id for mail in mails))
        done = [send.id for send in sends if send.state == "accepted"]
        assert len(done) == len(set(done))
        return len(done) == len(mails)

    await eventually(accepted, within_s=60)
