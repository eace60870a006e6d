"""What holds of the catalogue for every log."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue.shelf import Shelf
from engine.events import CategoryListed, Listed, ProductListed

products = st.builds(
    ProductListed,
    id=st.just("e"),
    occurred_at=st.just(0),
    product_id=st.sampled_from("abc"),
    updated_at=st.integers(0, 5),
    title=st.sampled_from(["x", "y"]),
)
categories = st.builds(
    CategoryListed,
    id=st.just("e"),
    occurred_at=st.just(0),
    category_id=st.sampled_from("abc"),
    updated_at=st.integers(0, 5),
    parent_id=st.sampled_from([None, "a", "b", "c"]),
)
logs: st.SearchStrategy[list[Listed]] = st.lists(products | categories, max_size=30)


def folded(log: Sequence[Listed]) -> Shelf:
    shelf = Shelf()
    for offset, listed in enumerate(log):
        shelf.apply(listed, offset=offset)
    return shelf


@given(logs, st.data())
def test_a_window_equals_the_fold_of_the_log_up_to_it(
    log: list[Listed], data: st.DataObject
) -> None:
    offset = data.draw(st.integers(-1, len(log) - 1))

    late, early = folded(log).at(offset), folded(log[: offset + 1]).at(offset)

    for name in "abc":
        assert late.product(name) == early.product(name)
        assert late.category(name) == early.category(name)
        assert late.lineage(name) == early.lineage(name)


@given(logs)
def test_a_compacted_log_gives_the_same_catalogue_once_the_outvoted_are_said_again(
    log: list[Listed],
) -> None:
    whole = folded(log)
    said = [*log, *whole.outvoted()]
    last = {_key(listed): listed for listed in said}
    compacted = folded(list(last.values()))

    for name in "abc":
        for one in (whole.at(whole.offset), compacted.at(compacted.offset)):
            product, category = one.product(name), one.category(name)
            known = whole.listings.get(name)
            assert (product is None) == (known is None)
            if product is not None and known is not None:
                assert (product.updated_at, product.name) == (known.updated_at, known.name)
            tree = whole.categories.get(name)
            assert (category is None) == (tree is None)
            if category is not None and tree is not None:
                assert (category.updated_at, category.parent_id) == (
                    tree.updated_at,
                    tree.parent_id,
                )


def _key(listed: Listed) -> str:
    if isinstance(listed, CategoryListed):
        return f"category/{listed.category_id}"
    return f"product/{listed.product_id}"
