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


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost"])
def test_on_loopback_the_demo_keys_will_do(host: str) -> None:
    assert settings.refusal(Settings(host=host)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "shop.example"])  # noqa: S104  that they are refused is the test
def test_beyond_loopback_the_demo_keys_are_refused(host: str) -> None:
    assert settings.refusal(Settings(host=host)) is not None
    assert settings.refusal(replace(OWN, host=host)) is None


@pytest.mark.parametrize("name", settings.KEYS)
@pytest.mark.parametrize("value", ["", "DEFAULT", "good,DEFAULT", "good,"])
def test_one_weak_key_among_good_ones_is_named(name: str, value: str) -> None:
    weak = value.replace("DEFAULT", getattr(Settings(), name))
    chosen = replace(OWN, host="10.0.0.1", **{name: weak})

    assert settings.refusal(chosen) == (
        f"10.0.0.1 is reachable by others: set ONCUE_{name.upper()} first"
    )
