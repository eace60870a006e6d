"""Products as events and receipt lines carry them: at top level, or in a list."""

from engine.errors import RejectedError
from engine.intake import values
from engine.intake.values import Object
from engine.products import Line, Product


def one(properties: Object, *, path: str) -> Product:
    """Take a product; `product_id`, else `id` (first version of the names), else `sku`.

    Raises:
        RejectedError: `missing_product_id`, `invalid_id`, `invalid_amount`, `invalid_quantity`.
    """
    for name in ("product_id", "id", "sku"):
        product_id = values.identifier(properties.get(name), path=f"{path}.{name}")
        if product_id is not None:
            break
    else:
        raise RejectedError("missing_product_id", "a product needs an id", path=path)
    return Product(
        id=product_id,
        name=values.text(properties.get("name")),
        category=values.text(properties.get("category")),
        brand=values.text(properties.get("brand")),
        price=values.amount(properties.get("price"), path=f"{path}.price"),
        quantity=values.quantity(properties.get("quantity"), path=f"{path}.quantity"),
        url=values.url(properties.get("url")),
        image_url=values.url(properties.get("image_url")),
    )


def several(value: object, *, path: str) -> tuple[Product, ...]:
    """Take a list of products; errors as `one`, and `invalid_shape`."""
    return tuple(one(entry, path=place) for place, entry in entries(value, path=path))


def line(entry: Object, *, path: str) -> Line:
    """Take the line of a receipt: other names, and a return counts backwards.

    `productId` is the catalogue's id; a line with an `externalId` alone goes by that.

    Raises:
        RejectedError: as `one`, and `invalid_custom`.
    """
    product_id = values.identifier(entry.get("productId"), path=f"{path}.productId")
    external_id = values.identifier(entry.get("externalId"), path=f"{path}.externalId")
    own_id = product_id or external_id
    if own_id is None:
        raise RejectedError("missing_product_id", "a line needs a productId", path=path)
    return Line(
        id=own_id,
        external_id=external_id,
        name=values.text(entry.get("name")),
        category=values.text(entry.get("category")),
        brand=values.text(entry.get("brand")),
        price=values.amount(entry.get("price"), path=f"{path}.price"),
        quantity=values.quantity(entry.get("quantity"), path=f"{path}.quantity", is_signed=True),
        total=values.amount(entry.get("total"), path=f"{path}.total", is_signed=True),
        custom=values.custom(entry, path=f"{path}.custom"),
    )


def entries(value: object, *, path: str) -> list[tuple[str, Object]]:
    """Take a list of objects, each with its path.

    Raises:
        RejectedError: `invalid_shape`.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise RejectedError("invalid_shape", "expected an array of objects", path=path)
    found: list[tuple[str, Object]] = []
    for place, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise RejectedError(
                "invalid_shape",
                f"expected an object, got {values.shown(entry)}",
                path=f"{path}[{place}]",
            )
        found.append((f"{path}[{place}]", entry))
    return found
