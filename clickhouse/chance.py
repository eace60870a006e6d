"""The share of `engine.chance` in SQL: the same number for the same salt and customer."""

from engine import chance


def share(customer_id: str, *, salt: str) -> str:
    """An expression for the share, from 0 to 9,999.

    Args:
        customer_id: an expression for the public id.
        salt: the name of a query parameter that holds `engine.chance.prefix` of the salt.
    """
    hashed = f"SHA256(concat({{{salt}:String}}, {customer_id}))"
    return f"reinterpretAsUInt64(substring({hashed}, 1, 8)) % {chance.SHARES}"
