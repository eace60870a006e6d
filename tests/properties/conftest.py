"""Properties are about what holds, not how fast: a busy machine must not fail them."""

from hypothesis import settings

from tests.support.examples import examples

settings.register_profile("unhurried", deadline=None, max_examples=examples(100))
settings.load_profile("unhurried")
