"""Who comes: customers the shop knows, with or without consent, and visitors it does not."""

from typing import Final

import msgspec

from oncue.demo.chance import Chance, Ranked

KNOWN_COUNT: Final = 1_200
"""Customers with an account; most of them do not come this morning."""

NO_EMAIL_SHARE: Final = 0.06
"""Registered by phone."""

CONSENTS: Final[tuple[tuple[float, dict[str, object] | None], ...]] = (
    (0.45, {"email": True}),
    (0.15, {"email": {"cart": True, "last-chance": False}}),
    (0.15, {"email": False}),
    (0.25, None),
)
"""Shares of the customers by what they said of messages; None said nothing."""

_FIRST_NAMES: Final = (
    "Ada",
    "Ben",
    "Carla",
    "Dario",
    "Elif",
    "Femi",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Liam",
    "Mina",
    "Noor",
    "Omar",
    "Paula",
    "Quinn",
    "Rosa",
    "Samir",
    "Tilda",
    "Uma",
    "Viktor",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoe",
)
_LAST_NAMES: Final = (
    "Abel",
    "Berg",
    "Costa",
    "Demir",
    "Evans",
    "Fischer",
    "Garcia",
    "Haas",
    "Ito",
    "Jansen",
    "Kaya",
    "Lopez",
    "Meyer",
    "Novak",
    "Okafor",
    "Peters",
    "Rossi",
    "Silva",
    "Tanaka",
    "Urban",
    "Vogel",
    "Weber",
    "Young",
    "Zimmer",
)
_AGENTS: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/144.0 Mobile",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.2",
)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a browser."""

    device: str
    agent: str
    user_id: str | None = None
    first_name: str = ""
    email: str | None = None
    subscriptions: dict[str, object] | None = None

    def traits(self) -> dict[str, object]:
        """What an identify call says; consent only if it was asked and answered."""
        traits: dict[str, object] = {"firstName": self.first_name}
        if self.email is not None:
            traits["email"] = self.email
        if self.subscriptions is not None:
            traits["subscriptions"] = self.subscriptions
        return traits


class People:
    """The customers, a few of whom come often, and any number of strangers."""

    def __init__(self, chance: Chance) -> None:
        self.known = [customer(chance, number) for number in range(1, KNOWN_COUNT + 1)]
        self._ranked = Ranked(self.known, steep=0.8, flat=20)

    def regular(self, chance: Chance) -> Visitor:
        """Draw a customer who comes this morning."""
        return self._ranked.draw(chance)


def stranger(chance: Chance) -> Visitor:
    """Draw a visitor nobody knows."""
    return Visitor(device=chance.token(), agent=chance.one_of(_AGENTS))


def customer(chance: Chance, number: int) -> Visitor:
    """Draw a customer; the domains of the addresses are reserved and deliver to nobody."""
    first, last = chance.one_of(_FIRST_NAMES), chance.one_of(_LAST_NAMES)
    address = f"{first}.{last}.{number}@example.{chance.one_of(('com', 'org', 'net'))}".lower()
    return Visitor(
        device=chance.token(),
        agent=chance.one_of(_AGENTS),
        user_id=f"c{number:04d}",
        first_name=first,
        email=None if chance.happens(NO_EMAIL_SHARE) else address,
        subscriptions=_consent(chance),
    )


def _consent(chance: Chance) -> dict[str, object] | None:
    said = [said for _, said in CONSENTS]
    return chance.choices(said, weights=[share for share, _ in CONSENTS])[0]
