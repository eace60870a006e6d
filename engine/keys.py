"""Row keys: whose log a record belongs to, and the id people see.

A key is a letter, a colon and the identifier: `u:` user, `a:` anonymous, `e:` email, `p:` phone,
`c:` card. The customer's public id is the bare user id, or `anonymous:ID` and so on.
"""

from typing import Final

from engine.errors import RejectedError

_WORDS: Final = {"a": "anonymous", "e": "email", "p": "phone", "c": "card"}
_STRENGTH: Final = "ucepa"
_LETTERS: Final = {word: letter for letter, word in _WORDS.items()}


def user(user_id: str) -> str:
    """The row of a customer the shop knows by id."""
    return f"u:{user_id}"


def anonymous(anonymous_id: str) -> str:
    """The row of a device nobody has identified yet."""
    return f"a:{anonymous_id}"


def email(address: str) -> str:
    """The row of an address that no user has shown yet; case does not tell people apart."""
    return f"e:{address.strip().lower()}"


def phone(number: str) -> str:
    """The row of a phone number that no user has shown yet: digits, after the `+` if it has one."""
    plus = "+" if number.strip().startswith("+") else ""
    return f"p:{plus}{''.join(filter(str.isdecimal, number))}"


def card(number: str) -> str:
    """The row of a loyalty card that no user has shown yet."""
    return f"c:{number.strip()}"


def strength(key: str) -> tuple[int, str]:
    """Tell which of two identities survives a merge: the lower of these, user ids first.

    Any order would do, as long as two merges that meet agree; so the bytes decide the rest.
    """
    return _STRENGTH.index(key[0]), key


def row_key(key: bytes) -> str:
    """Take the key of a record as that of a customer's row.

    Raises:
        RejectedError: it is none.
    """
    try:
        text = key.decode()
    except UnicodeDecodeError as error:
        raise RejectedError("no_key", f"the key {key!r} is no text") from error
    letter, _, identifier = text.partition(":")
    if not identifier or (letter != "u" and letter not in _WORDS):
        raise RejectedError("no_key", f"the key {text!r} is no customer's")
    return text


def public_id(key: str) -> str:
    """What APIs, messages and ClickHouse call the customer of this row."""
    letter, _, identifier = key.partition(":")
    word = _WORDS.get(letter)
    return identifier if word is None else f"{word}:{identifier}"


def is_contact(public_id: str) -> bool:
    """Whether the id is an address, a phone or a card: it tells who somebody is by itself."""
    return from_public_id(public_id)[0] not in "ua"


def from_public_id(customer_id: str) -> str:
    """The row key behind a public id; the inverse of `public_id`."""
    word, colon, identifier = customer_id.partition(":")
    letter = _LETTERS.get(word) if colon else None
    return user(customer_id) if letter is None else f"{letter}:{identifier}"
