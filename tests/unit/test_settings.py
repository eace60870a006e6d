import msgspec
import pytest
from msgspec.structs import replace

import settings
from settings import Settings

OWN = msgspec.convert(dict.fromkeys(settings.KEYS, "mine"), Settings)


def test_the_environment_overrides_the_defaults() -> None:
    found = settings.load({"ONCUE_BROKER": "kafka:9092", "ONCUE_PARTITIONS": "24", "PORT": "1"})

    assert found == Settings(broker="kafka:9092", partitions=24)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="port"):
        settings.load({"ONCUE_PORT": "many"})


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 that is the point
        ("::", False),
        ("", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("2130706433", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, is_own: bool) -> None:  # noqa: FBT001 a table
    assert settings.is_loopback(host) == is_own


def test_on_this_machine_the_demo_keys_will_do() -> None:
    assert settings.refusal(Settings()) is None


def test_beyond_it_every_key_must_be_ones_own() -> None:
    assert settings.refusal(replace(OWN, host="")) is None
    assert settings.refusal(Settings(host="")) == (
        "every address is reachable by others: set "
        "ONCUE_WRITE_KEY, ONCUE_SECRET_KEY, ONCUE_ADMIN_TOKEN, ONCUE_LINK_SECRET first"
    )


@pytest.mark.parametrize("name", settings.KEYS)
@pytest.mark.parametrize("value", ["", "DEFAULT", "good,DEFAULT", "good,"])
def test_one_weak_key_among_good_ones_is_named(name: str, value: str) -> None:
    weak = value.replace("DEFAULT", getattr(Settings(), name))
    chosen = replace(OWN, host="10.0.0.1", **{name: weak})

    assert settings.refusal(chosen) == (
        f"10.0.0.1 is reachable by others: set ONCUE_{name.upper()} first"
    )
