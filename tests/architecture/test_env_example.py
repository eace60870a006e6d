from settings import Settings
from tests.support import env_example


def test_the_example_says_what_the_settings_say() -> None:
    assert env_example.FILE.read_text() == env_example.text(), (
        "write it anew: python -m tests.support.env_example"
    )


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, _ in env_example.documented()] == list(Settings.__struct_fields__)
