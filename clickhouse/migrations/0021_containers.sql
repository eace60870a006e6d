-- Which container an event is about, as a column: whoever counts what was put into the cart parsed the
-- payload of every event for it. Older parts say it when they are read, until they are merged.

ALTER TABLE oncue.events_log
    ADD COLUMN IF NOT EXISTS container LowCardinality(String) MATERIALIZED
        if(kind = 'tracker' AND type IN ('cart_item_added', 'cart_item_removed', 'cart_replaced'),
            ifNull(nullIf(JSONExtractString(payload, 'container'), ''), 'cart'), '') COMMENT 'cart, wishlist, ...; of other events empty';
