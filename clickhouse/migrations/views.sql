-- What everybody asks: one row per id at every moment, because FINAL stands inside.
-- Public, and keeping their columns: tracker, transactions, responses, messages, facts, customers,
-- products. The others serve our API.

-- `customer` is the surviving one: of an identity that was merged, the customer it belongs to, and of
-- a device that changed hands, whoever had it when the record was logged. `identity` is the id the
-- record came under; a question about one customer is fast when it names the identities as well.
CREATE OR REPLACE VIEW oncue.identities
(
    id String COMMENT 'public id of an identity that was merged into a customer',
    customer String COMMENT 'the surviving customer',
    since DateTime64(3, 'UTC') COMMENT 'from when on; 1970 is everything'
)
AS SELECT id, customer, since
FROM oncue.identities_log FINAL;

CREATE OR REPLACE VIEW oncue.tracker
(
    id String COMMENT 'messageId of the tracker, or the hash of the request',
    customer String COMMENT 'the surviving customer',
    at DateTime64(3, 'UTC') COMMENT 'when it happened',
    logged_at DateTime64(3, 'UTC') COMMENT 'when it was received',
    type LowCardinality(String) COMMENT 'product_viewed, cart_item_added, order_completed, tracked, ...',
    name LowCardinality(String) COMMENT 'as the source called it',
    source LowCardinality(String) COMMENT 'write key or door',
    user_id String,
    anonymous_id String,
    product_id String,
    product_name String,
    category String,
    price Nullable(Decimal(18, 4)) COMMENT 'of one piece',
    quantity Nullable(Int64),
    currency LowCardinality(String),
    order_id String,
    cart_id String,
    total Nullable(Decimal(18, 4)) COMMENT 'of the order',
    url String,
    properties String COMMENT 'JSON object',
    context String COMMENT 'JSON object',
    lines Array(Tuple(product_id String, name String, category String, price Nullable(Decimal(18, 4)), quantity Int64)) COMMENT 'products of an order or a whole cart',
    identity String COMMENT 'the id it came under',
    container String COMMENT 'of an item put in or taken out: cart, wishlist, ...; else empty'
)
AS SELECT
    e.id AS id, if(i.customer = '', e.customer, i.customer) AS customer, e.at AS at,
    e.logged_at AS logged_at, e.type AS type, e.name AS name, e.source AS source,
    e.user_id AS user_id, e.anonymous_id AS anonymous_id, e.product_id AS product_id,
    e.product_name AS product_name, e.category AS category, e.price AS price,
    e.quantity AS quantity, e.currency AS currency, e.order_id AS order_id, e.cart_id AS cart_id,
    e.total AS total, e.url AS url,
    ifNull(nullIf(JSONExtractRaw(e.payload, 'properties'), ''), '{}') AS properties,
    ifNull(nullIf(JSONExtractRaw(e.payload, 'context'), ''), '{}') AS context, e.lines AS lines,
    e.customer AS identity, toString(e.container) AS container
FROM oncue.events_log AS e FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = e.customer AND i.since <= e.logged_at
WHERE e.kind = 'tracker';

CREATE OR REPLACE VIEW oncue.transactions
(
    id String COMMENT 'of the event: an update of a receipt is an event of its own',
    customer String,
    at DateTime64(3, 'UTC') COMMENT 'of the purchase, return or change of status',
    logged_at DateTime64(3, 'UTC'),
    receipt_id String COMMENT 'the receipt, or of an order the receipt it came to',
    total Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    return_of String COMMENT 'receipt or order that this one takes back',
    lines Array(Tuple(product_id String, name String, category String, price Nullable(Decimal(18, 4)), quantity Int64, external_id String, total Nullable(Decimal(18, 4)))),
    identity String COMMENT 'the id it came under',
    type LowCardinality(String) COMMENT 'receipt_issued, order_placed, order_status_changed',
    source LowCardinality(String) COMMENT 'what the transaction names, else write key or door',
    order_id String,
    updated_at DateTime64(3, 'UTC') COMMENT 'source time of this version',
    number String,
    status LowCardinality(String),
    payment_status LowCardinality(String),
    delivery_status LowCardinality(String),
    store_id String,
    store_name String,
    shipping Nullable(Decimal(18, 4)) COMMENT 'cost of delivery',
    custom String COMMENT 'fields of the shop''s own, JSON object',
    payload String COMMENT 'the event as it stands in the log, JSON'
)
AS SELECT
    e.id AS id, if(i.customer = '', e.customer, i.customer) AS customer, e.at AS at, e.logged_at AS logged_at, e.receipt_id AS receipt_id, e.total AS total,
    e.currency AS currency, e.return_of AS return_of,
    CAST(arrayMap((line, external_id, line_total) -> (line.1, line.2, line.3, line.4, line.5, external_id, line_total),
        e.lines, arrayResize(e.line_external_ids, length(e.lines), ''),
        arrayResize(e.line_totals, length(e.lines), CAST(NULL, 'Nullable(Decimal(18, 4))'))),
        'Array(Tuple(product_id String, name String, category String, price Nullable(Decimal(18, 4)), quantity Int64, external_id String, total Nullable(Decimal(18, 4))))') AS lines,
    e.customer AS identity, e.type AS type, e.source AS source, e.order_id AS order_id,
    ifNull(e.updated_at, e.at) AS updated_at, e.number AS number, e.status AS status,
    e.payment_status AS payment_status, e.delivery_status AS delivery_status, e.store_id AS store_id,
    e.store_name AS store_name, e.shipping AS shipping, ifNull(nullIf(e.custom, ''), '{}') AS custom,
    e.payload AS payload
FROM oncue.events_log AS e FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = e.customer AND i.since <= e.logged_at
WHERE e.kind = 'transaction';

CREATE OR REPLACE VIEW oncue.receipts
(
    id String COMMENT 'of the receipt',
    customer String,
    at DateTime64(3, 'UTC') COMMENT 'of the purchase or return',
    logged_at DateTime64(3, 'UTC') COMMENT 'of the version that stands',
    updated_at DateTime64(3, 'UTC') COMMENT 'source time of that version',
    number String,
    status LowCardinality(String),
    payment_status LowCardinality(String),
    total Decimal(18, 4),
    currency LowCardinality(String),
    shipping Nullable(Decimal(18, 4)),
    return_of String COMMENT 'receipt that this one takes back',
    store_id String,
    store_name String,
    source LowCardinality(String),
    custom String COMMENT 'JSON object',
    lines Array(Tuple(product_id String, name String, category String, price Nullable(Decimal(18, 4)), quantity Int64, external_id String, total Nullable(Decimal(18, 4))))
)
AS SELECT
    t.receipt_id AS id, t.customer AS customer, t.at AS at, t.logged_at AS logged_at,
    t.updated_at AS updated_at, t.number AS number, t.status AS status,
    t.payment_status AS payment_status, ifNull(t.total, 0) AS total, t.currency AS currency,
    t.shipping AS shipping, t.return_of AS return_of, t.store_id AS store_id,
    t.store_name AS store_name, t.source AS source, t.custom AS custom, t.lines AS lines
FROM oncue.transactions AS t
WHERE t.type = 'receipt_issued'
ORDER BY t.updated_at DESC, t.total DESC, t.id DESC
LIMIT 1 BY t.customer, t.receipt_id;

-- Every word said of an order, by whom it may be; `place` orders what it is (the back office's goes
-- before a tracker's), `said_at` its statuses.
CREATE OR REPLACE VIEW oncue.order_words
AS SELECT
    e.id AS id, if(i.customer = '', e.customer, i.customer) AS customer, e.customer AS identity, e.order_id AS order_id, e.type AS type, e.at AS at,
    e.logged_at AS logged_at, e.receipt_id AS receipt_id, e.currency AS currency, e.number AS number,
    e.shipping AS shipping, e.return_of AS return_of, e.store_id AS store_id,
    e.store_name AS store_name, e.source AS source, ifNull(nullIf(e.custom, ''), '{}') AS custom,
    e.payload AS payload, toString(e.payment_status) AS payment_status,
    toString(e.delivery_status) AS delivery_status,
    if(e.type = 'order_cancelled', 'cancelled', toString(e.status)) AS status,
    multiIf(lower(status) IN ('cancelled', 'canceled', 'void', 'voided'), 2,
            lower(status) IN ('returned', 'refunded'), 1, 0) AS weight,
    multiIf(e.type = 'order_placed', 2, e.type IN ('order_completed', 'order_updated'), 1, 0) AS told,
    ifNull(e.updated_at, e.at) AS said_at,
    ifNull(e.total, arraySum(line -> ifNull(line.4, 0) * line.5, e.lines)) AS total,
    (told, said_at, total, e.id) AS place
FROM oncue.events_log AS e FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = e.customer AND i.since <= e.logged_at
WHERE e.type IN ('order_placed', 'order_status_changed', 'order_completed', 'order_updated', 'order_cancelled');

CREATE OR REPLACE VIEW oncue.orders
(
    id String COMMENT 'of the order',
    customer String,
    at DateTime64(3, 'UTC') COMMENT 'when it was placed',
    logged_at DateTime64(3, 'UTC') COMMENT 'of the last word on it',
    is_booked Bool COMMENT 'the back office knows it; else only a tracker does',
    number String,
    status LowCardinality(String) COMMENT 'the latest by its own time, as are the next two',
    payment_status LowCardinality(String),
    delivery_status LowCardinality(String),
    receipt_id String COMMENT 'the receipt it came to: it is paid',
    total Decimal(18, 4),
    currency LowCardinality(String),
    shipping Nullable(Decimal(18, 4)),
    return_of String COMMENT 'order that this one takes back',
    store_id String,
    store_name String,
    source LowCardinality(String),
    custom String COMMENT 'JSON object'
)
AS SELECT
    w.order_id AS id,
    w.customer AS customer,
    if(max(w.told) = 2, argMaxIf(w.at, w.place, w.told = 2), minIf(w.at, w.told > 0)) AS at,
    max(w.logged_at) AS logged_at,
    max(w.told) = 2 AS is_booked,
    argMax(w.number, w.place) AS number,
    argMaxIf(w.status, (w.said_at, w.weight, w.status), w.status != '') AS status,
    argMaxIf(w.payment_status, (w.said_at, w.payment_status), w.payment_status != '') AS payment_status,
    argMaxIf(w.delivery_status, (w.said_at, w.delivery_status), w.delivery_status != '') AS delivery_status,
    argMax(w.receipt_id, w.place) AS receipt_id,
    argMax(w.total, w.place) AS total,
    argMax(w.currency, w.place) AS currency,
    argMax(w.shipping, w.place) AS shipping,
    argMax(w.return_of, w.place) AS return_of,
    argMax(w.store_id, w.place) AS store_id,
    argMax(w.store_name, w.place) AS store_name,
    argMax(w.source, w.place) AS source,
    argMax(w.custom, w.place) AS custom
FROM oncue.order_words AS w
GROUP BY w.customer, w.order_id
HAVING max(w.told) > 0;

CREATE OR REPLACE VIEW oncue.responses
(
    id String COMMENT 'hash of message and outcome',
    customer String,
    at DateTime64(3, 'UTC'),
    logged_at DateTime64(3, 'UTC'),
    message_id String,
    campaign LowCardinality(String),
    channel LowCardinality(String),
    response LowCardinality(String) COMMENT 'accepted, failed, in_doubt, expired, delivered, bounced, opened, clicked, ...',
    code LowCardinality(String) COMMENT 'the provider''s',
    reason String,
    url String COMMENT 'where a click went',
    user_agent String,
    is_machine Nullable(Bool),
    identity String COMMENT 'the id it came under'
)
AS SELECT
    e.id AS id, if(i.customer = '', e.customer, i.customer) AS customer, e.at AS at,
    e.logged_at AS logged_at, e.message_id AS message_id, e.campaign AS campaign,
    e.channel AS channel, e.response AS response, e.code AS code, e.reason AS reason, e.url AS url,
    e.user_agent AS user_agent, e.is_machine AS is_machine, e.customer AS identity
FROM oncue.events_log AS e FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = e.customer AND i.since <= e.logged_at
WHERE e.kind = 'response';

CREATE OR REPLACE VIEW oncue.sends
(
    id String COMMENT 'the message''s: one row per id, attempt and state',
    attempt UInt32,
    state LowCardinality(String) COMMENT 'reserved, accepted, failed, in_doubt, expired',
    customer String,
    at DateTime64(3, 'UTC'),
    logged_at DateTime64(3, 'UTC'),
    channel LowCardinality(String),
    campaign LowCardinality(String),
    version UInt32,
    step LowCardinality(String),
    template LowCardinality(String),
    provider LowCardinality(String),
    writer LowCardinality(String),
    code LowCardinality(String),
    reason String,
    log_partition UInt16,
    log_offset UInt64,
    identity String COMMENT 'the id it came under'
)
AS SELECT
    s.id AS id, s.attempt AS attempt, s.state AS state,
    if(i.customer = '', s.customer, i.customer) AS customer, s.at AS at, s.logged_at AS logged_at,
    s.channel AS channel, s.campaign AS campaign, s.version AS version, s.step AS step,
    s.template AS template, s.provider AS provider, s.writer AS writer, s.code AS code,
    s.reason AS reason, s.log_partition AS log_partition, s.log_offset AS log_offset,
    s.customer AS identity
FROM oncue.sends_log AS s FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = s.customer AND i.since <= s.logged_at;

-- The ledger of one message stands in one partition: the highest offset is its newest entry, but
-- accepted always wins: it is the one thing that only its writer can know.
CREATE OR REPLACE VIEW oncue.messages
(
    id String,
    customer String,
    at DateTime64(3, 'UTC') COMMENT 'when it was decided',
    logged_at DateTime64(3, 'UTC'),
    campaign LowCardinality(String),
    version UInt32,
    trigger LowCardinality(String),
    instance String,
    step LowCardinality(String),
    template LowCardinality(String),
    template_version UInt32,
    class LowCardinality(String) COMMENT 'marketing, transactional',
    category LowCardinality(String),
    channel LowCardinality(String),
    to String COMMENT 'address on the channel',
    caused_at DateTime64(3, 'UTC') COMMENT 'when the event that led here was due or logged',
    expires_at DateTime64(3, 'UTC'),
    state LowCardinality(String) COMMENT 'of the newest entry in the ledger; decided: delivery has not met it',
    code LowCardinality(String) COMMENT 'of the newest entry',
    reason String COMMENT 'of the newest entry',
    sent_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when the provider accepted it',
    identity String COMMENT 'the id it was decided for'
)
AS SELECT
    m.id AS id, if(i.customer = '', m.customer, i.customer) AS customer, m.at AS at,
    m.logged_at AS logged_at,
    m.campaign AS campaign, m.version AS version, m.trigger AS trigger, m.instance AS instance,
    m.step AS step, m.template AS template, m.template_version AS template_version,
    m.message_class AS class, m.category AS category, m.channel AS channel, m.to AS to,
    m.caused_at AS caused_at, m.expires_at AS expires_at,
    if(s.last_state = '', 'decided', s.last_state) AS state,
    s.last_code AS code, s.last_reason AS reason, s.accepted_at AS sent_at,
    m.customer AS identity
FROM oncue.messages_log AS m FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = m.customer AND i.since <= m.logged_at
LEFT JOIN
(
    SELECT
        id,
        argMax(state, (state = 'accepted', log_offset)) AS last_state,
        argMax(code, (state = 'accepted', log_offset)) AS last_code,
        argMax(reason, (state = 'accepted', log_offset)) AS last_reason,
        minOrNullIf(at, state = 'accepted') AS accepted_at
    FROM oncue.sends_log FINAL
    GROUP BY id
) AS s ON s.id = m.id;

CREATE OR REPLACE VIEW oncue.facts
(
    id String,
    customer String,
    at DateTime64(3, 'UTC'),
    logged_at DateTime64(3, 'UTC'),
    kind LowCardinality(String) COMMENT 'fired, entered, sent, not_sent, deferred, exited: decisions; metric_changed, contact_changed, ...: changes',
    campaign LowCardinality(String),
    version UInt32,
    trigger LowCardinality(String),
    instance String,
    step LowCardinality(String),
    message_id String,
    reason LowCardinality(String),
    name LowCardinality(String) COMMENT 'what changed: receipts_total, email, sms/promo',
    before Nullable(String) COMMENT 'its value, as text',
    after Nullable(String),
    cause String COMMENT 'id of the event that changed it, or led to the decision',
    origin LowCardinality(String) COMMENT 'who says so: customer, operator, complaint, import; of a goal treated or holdout; identify, back_office, tracker, bounce; the source of a time zone',
    identity String COMMENT 'the id it came under',
    why String COMMENT 'of a decision: what it rests on, JSON; empty where it rests on nothing'
)
AS SELECT
    f.id AS id, if(i.customer = '', f.customer, i.customer) AS customer, f.at AS at,
    f.logged_at AS logged_at, f.kind AS kind, f.campaign AS campaign, f.version AS version,
    f.trigger AS trigger, f.instance AS instance, f.step AS step, f.message_id AS message_id,
    f.reason AS reason, f.name AS name, f.before AS before, f.after AS after, f.cause AS cause, f.origin AS origin,
    f.customer AS identity, f.why AS why
FROM oncue.facts_log AS f FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = f.customer AND i.since <= f.logged_at;

CREATE OR REPLACE VIEW oncue.reasons
(
    reason String COMMENT 'as in facts',
    sentence String
)
AS SELECT reason, sentence FROM values('reason String, sentence String', {reasons});

CREATE OR REPLACE VIEW oncue.customers
(
    id String COMMENT 'public id',
    customer String COMMENT 'the same',
    at DateTime64(3, 'UTC') COMMENT 'last seen',
    logged_at DateTime64(3, 'UTC') COMMENT 'when the row was written',
    email String,
    phone String,
    orders_count UInt64 COMMENT 'orders seen by the tracker',
    orders_total Decimal(18, 4),
    receipts_count Int64 COMMENT 'receipts of the back office, net of returns',
    receipts_total Decimal(18, 4),
    currency LowCardinality(String) COMMENT 'of the totals',
    cart_items Int64 COMMENT 'pieces in the cart',
    cart_value Decimal(18, 4) COMMENT 'of the pieces whose price is known',
    first_seen_at Nullable(DateTime64(3, 'UTC')),
    last_seen_at Nullable(DateTime64(3, 'UTC')),
    events_count UInt64,
    attributes String COMMENT 'JSON object',
    subscriptions String COMMENT 'JSON object: yes or no by channel and category; absent is unknown',
    receipts_first_at Nullable(DateTime64(3, 'UTC')),
    receipts_last_at Nullable(DateTime64(3, 'UTC')),
    days_since_first_receipt Nullable(Int64) COMMENT 'whole days of 24 hours, as of the question',
    days_since_last_receipt Nullable(Int64),
    receipts_last_amount Nullable(Decimal(18, 4)),
    receipts_average Nullable(Decimal(18, 4)),
    receipts_average_products Nullable(Decimal(18, 4)) COMMENT 'pieces of a receipt',
    receipts_average_price Nullable(Decimal(18, 4)) COMMENT 'mean over receipts of total by pieces',
    orders_average Nullable(Decimal(18, 4)),
    orders_average_products Nullable(Decimal(18, 4)),
    ltv Nullable(Decimal(18, 4)) COMMENT 'what was paid and not given back',
    favourite_products Array(String) COMMENT 'ids, the most bought first',
    registered_at Nullable(DateTime64(3, 'UTC')),
    days_since_registration Nullable(Int64),
    rfm Nullable(String) COMMENT 'recency-frequency-monetary, 1 to 5 each: 5-4-3',
    rfm_recency Nullable(UInt8) COMMENT '5 bought lately; as of the question',
    rfm_frequency Nullable(UInt8) COMMENT '5 bought often',
    rfm_monetary Nullable(UInt8) COMMENT '5 bought for much',
    tags Array(String) COMMENT 'those that stand, by name',
    bonuses_active Nullable(Decimal(18, 4)) COMMENT 'as the loyalty programme said last',
    bonuses_pending Nullable(Decimal(18, 4)),
    points_balance Int64 COMMENT 'of the shop''s own points: given, not taken and not expired, as of the question',
    email_state LowCardinality(String) COMMENT 'valid, invalid, missing; unknown: nobody checked',
    provider LowCardinality(String) COMMENT 'of the email: gmail, yandex, ...; empty: a domain of their own',
    phone_state LowCardinality(String) COMMENT 'valid, invalid, missing; unknown: nobody checked',
    phone_kind LowCardinality(String) COMMENT 'mobile, landline, landline_or_mobile, toll_free, ...',
    region LowCardinality(String) COMMENT 'of the phone, ISO 3166',
    operator LowCardinality(String) COMMENT 'whom the number range was given to',
    timezone LowCardinality(String) COMMENT 'IANA name',
    gender LowCardinality(String) COMMENT 'as the shop said it',
    birthday String COMMENT 'as the shop said it',
    city LowCardinality(String) COMMENT 'as the shop said it',
    country LowCardinality(String) COMMENT 'as the shop said it',
    source LowCardinality(String) COMMENT 'where the customer was first heard of: write key, door, till',
    segments Array(String) COMMENT 'live segments the customer is in, by id',
    standing String COMMENT 'what the customer holds: containers, interests, expiring bonuses, promo codes, messages; JSON object',
    email_suppressed LowCardinality(String) COMMENT 'what is not sent to the address, whatever the customer agreed to: marketing, all; empty: nothing',
    phone_suppressed LowCardinality(String) COMMENT 'the same of the phone',
    born String COMMENT 'day of birth as rules read it, 1990-01-31; empty: the shop said none',
    said_gender LowCardinality(String) COMMENT 'the word of the shop, without blanks around it',
    said_city LowCardinality(String) COMMENT 'of the address, else beside it, as rules read it',
    said_country LowCardinality(String) COMMENT 'the same of the country'
)
AS WITH
    (SELECT (argMax(recency_days, (computed_at, revision)), argMax(frequency, (computed_at, revision)),
        argMax(monetary, (computed_at, revision))) FROM oncue.rfm_log) AS cuts,
    at_ms -> greatest(0, intDiv(toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(at_ms), 86400000)) AS days_since,
    receipts_count > 0 AND receipts_last_at IS NOT NULL AND notEmpty(cuts.1) AS is_scored
SELECT
    id, id AS customer, at, logged_at, email, phone, orders_count, orders_total, receipts_count,
    receipts_total, currency, cart_items, cart_value, first_seen_at, last_seen_at, events_count,
    attributes, subscriptions, receipts_first_at, receipts_last_at,
    days_since(receipts_first_at) AS days_since_first_receipt,
    days_since(receipts_last_at) AS days_since_last_receipt,
    receipts_last_amount, receipts_average, receipts_average_products, receipts_average_price,
    orders_average, orders_average_products, ltv, favourite_products, registered_at,
    days_since(registered_at) AS days_since_registration,
    if(is_scored, concat(toString(rfm_recency), '-', toString(rfm_frequency), '-', toString(rfm_monetary)), NULL) AS rfm,
    if(is_scored, 5 - arrayCount(cut -> assumeNotNull(days_since_last_receipt) > cut, cuts.1), NULL) AS rfm_recency,
    if(is_scored, 1 + arrayCount(cut -> receipts_count > cut, cuts.2), NULL) AS rfm_frequency,
    if(is_scored, 1 + arrayCount(cut -> receipts_total > cut, cuts.3), NULL) AS rfm_monetary,
    tags, bonuses_active, bonuses_pending,
    arraySum(lot -> if(lot.1 = 0 OR lot.1 > toUnixTimestamp64Milli(now64(3)), lot.2, 0),
        JSONExtract(standing, 'points', 'Array(Tuple(Int64, Int64))')) AS points_balance,
    email_state, provider, phone_state, phone_kind, region, operator, timezone, gender, birthday, city,
    country, source, segments, standing, email_suppressed, phone_suppressed, born, said_gender,
    said_city, said_country
FROM oncue.customers_log FINAL
WHERE NOT is_erased AND forward = '';

-- A row for each metric of the shop's own that has something to say of the customer, as of the
-- question: windows roll without any event, as in `engine.windows`.
CREATE OR REPLACE VIEW oncue.customer_metrics
(
    customer String,
    metric String COMMENT 'its id',
    name String COMMENT 'for people',
    value String COMMENT 'as text',
    number Nullable(Decimal(38, 6)) COMMENT 'the same, where it is one',
    instant Nullable(DateTime64(3, 'UTC')) COMMENT 'the same, where it is one',
    since DateTime64(3, 'UTC') COMMENT 'counted from then on',
    as_of DateTime64(3, 'UTC') COMMENT 'when the row was written'
)
AS SELECT
    customer, metric, name,
    multiIf(isNotNull(instant), toString(instant), isNotNull(number) AND aggregate NOT IN ('first', 'last'), toString(number), told) AS value,
    multiIf(is_instant, NULL, aggregate = 'count', toDecimal128(n, 6), aggregate = 'distinct', toDecimal128(ties, 6),
        aggregate = 'sum', total, aggregate = 'average', toDecimal128(roundBankers(toDecimal256(total, 20) / n, 6), 6),
        aggregate = 'min', least_value, aggregate = 'max', greatest_value, toDecimal128OrNull(told, 6)) AS number,
    if(is_instant, fromUnixTimestamp64Milli(toInt64OrZero(told), 'UTC'), NULL) AS instant,
    since, as_of
FROM
(
    SELECT
        c.id AS customer, c.logged_at AS as_of, m.id AS metric, m.name AS name,
        m.aggregate AS aggregate, m.is_instant AS is_instant, m.since AS since,
        sum(c.cell.count) AS n, uniqExact(c.cell.tie) AS ties,
        sum(toDecimal128OrZero(c.cell.value, 6)) AS total,
        min(toDecimal128OrNull(c.cell.value, 6)) AS least_value,
        max(toDecimal128OrNull(c.cell.value, 6)) AS greatest_value,
        if(m.aggregate = 'first', argMin(c.cell.value, (c.cell.at, c.cell.tie)), argMax(c.cell.value, (c.cell.at, c.cell.tie))) AS told
    FROM
    (
        SELECT id, logged_at, arrayJoin(tallies) AS cell
        FROM oncue.customers_log FINAL
        WHERE NOT is_erased AND forward = ''
    ) AS c
    INNER JOIN (SELECT * FROM oncue.metrics_log FINAL WHERE NOT is_deleted) AS m
        ON m.id = c.cell.metric AND m.version = c.cell.version
    WHERE m.step_ms = 0
        OR c.cell.bucket > intDiv(toUnixTimestamp64Milli(now64(3)), m.step_ms) - intDiv(m.length_ms, m.step_ms)
    GROUP BY customer, as_of, metric, name, aggregate, is_instant, since
);

CREATE OR REPLACE VIEW oncue.categories
(
    id String,
    at DateTime64(3, 'UTC') COMMENT 'updatedAt of the source',
    logged_at DateTime64(3, 'UTC'),
    name String,
    parent_id String COMMENT 'empty: a root'
)
AS SELECT id, at, logged_at, name, parent_id
FROM oncue.catalogue_log FINAL
WHERE kind = 'category';

CREATE OR REPLACE VIEW oncue.rfm
(
    revision UInt64 COMMENT 'of the definition rfm',
    computed_at DateTime64(3, 'UTC'),
    recency_days Array(Int64) COMMENT 'greatest value of each fifth but the last',
    frequency Array(Int64) COMMENT 'of receipts_count',
    monetary Array(Decimal(18, 4)) COMMENT 'of receipts_total',
    customers UInt64 COMMENT 'compared'
)
AS SELECT revision, computed_at, recency_days, frequency, monetary, customers
FROM oncue.rfm_log
ORDER BY computed_at DESC, revision DESC
LIMIT 1;

-- The catalogue's word goes before what events said; a product may be known by either alone.
CREATE OR REPLACE VIEW oncue.products
(
    id String,
    customer String COMMENT 'whose event named it last',
    at DateTime64(3, 'UTC') COMMENT 'when an event or the catalogue named it last',
    logged_at DateTime64(3, 'UTC'),
    name String COMMENT 'the catalogue''s, else the last one given',
    category String COMMENT 'name of the catalogue''s, else the last one given',
    price Nullable(Decimal(18, 4)) COMMENT 'the catalogue''s, else the last one given',
    currency LowCardinality(String) COMMENT 'of that price',
    category_id String COMMENT 'of the catalogue',
    stock Nullable(Decimal(18, 4)) COMMENT 'of the catalogue',
    url String COMMENT 'of the catalogue',
    image_url String COMMENT 'of the catalogue',
    is_listed Bool COMMENT 'the catalogue has it'
)
AS SELECT
    if(l.id = '', e.id, l.id) AS id,
    e.customer AS customer,
    greatest(e.at, l.at) AS at,
    greatest(e.logged_at, l.logged_at) AS logged_at,
    if(l.name = '', e.name, l.name) AS name,
    multiIf(c.name != '', c.name, l.category_id != '', l.category_id, e.category) AS category,
    ifNull(l.price, e.price) AS price,
    if(isNull(l.price), e.currency, l.currency) AS currency,
    l.category_id AS category_id,
    l.stock AS stock,
    l.url AS url,
    l.image_url AS image_url,
    l.id != '' AS is_listed
FROM
(
    SELECT
        product.1 AS id,
        argMax(who, place) AS customer,
        max(happened_at) AS at,
        max(appended_at) AS logged_at,
        argMaxIf(product.2, place, product.2 != '') AS name,
        argMaxIf(product.3, place, product.3 != '') AS category,
        argMaxOrNullIf(assumeNotNull(product.4), place, product.4 IS NOT NULL) AS price,
        argMaxIf(money, place, product.4 IS NOT NULL) AS currency
    FROM
    (
        SELECT
            if(i.customer = '', o.customer, i.customer) AS who, o.at AS happened_at,
            o.logged_at AS appended_at, o.currency AS money,
            (o.at, o.logged_at, o.log_offset) AS place,
            arrayJoin(if(o.product_id != '', [(o.product_id, o.product_name, o.category, o.price)],
                arrayMap(line -> (line.product_id, line.name, line.category, line.price), o.lines))) AS product
        FROM oncue.events_log AS o FINAL
        ASOF LEFT JOIN oncue.identities AS i ON i.id = o.customer AND i.since <= o.logged_at
        WHERE o.kind IN ('tracker', 'transaction')
    )
    WHERE product.1 != ''
    GROUP BY product.1
) AS e
FULL OUTER JOIN (SELECT * FROM oncue.catalogue_log FINAL WHERE kind = 'product') AS l ON e.id = l.id
LEFT JOIN oncue.categories AS c ON c.id = l.category_id;

CREATE OR REPLACE VIEW oncue.outbox
(
    id String COMMENT 'the message''s',
    customer String,
    channel LowCardinality(String),
    to String,
    campaign LowCardinality(String),
    version UInt32,
    step LowCardinality(String),
    template LowCardinality(String),
    subject String,
    text String,
    html String,
    headers Map(String, String),
    at DateTime64(3, 'UTC') COMMENT 'when the sandbox took it',
    logged_at DateTime64(3, 'UTC'),
    identity String COMMENT 'the id it came under'
)
AS SELECT
    s.id AS id, if(i.customer = '', s.customer, i.customer) AS customer, s.channel AS channel,
    s.to AS to, s.campaign AS campaign, s.version AS version, s.step AS step,
    s.template AS template, s.subject AS subject, s.text AS text, s.html AS html,
    s.headers AS headers, s.at AS at, s.logged_at AS logged_at, s.customer AS identity
FROM oncue.sends_log AS s FINAL
ASOF LEFT JOIN oncue.identities AS i ON i.id = s.customer AND i.since <= s.logged_at
WHERE s.state = 'accepted' AND s.is_rendered
ORDER BY s.id, s.attempt
LIMIT 1 BY s.id;

CREATE OR REPLACE VIEW oncue.rejections
(
    id String,
    at DateTime64(3, 'UTC'),
    logged_at DateTime64(3, 'UTC'),
    place LowCardinality(String) COMMENT 'collector, tracker, worker, delivery, sink',
    code LowCardinality(String),
    message String,
    path String COMMENT 'batch[3].userId',
    source LowCardinality(String) COMMENT 'write key, or topic/partition/offset',
    payload String COMMENT 'as text; what is no UTF-8 is replaced',
    payload_base64 String COMMENT 'the bytes as they came'
)
AS SELECT
    id, at, logged_at, place, code, message, path, source, toValidUTF8(payload) AS payload,
    base64Encode(d.payload) AS payload_base64
FROM oncue.dead_letters_log AS d FINAL;

-- Of an address only the hash: SHA-256 of email:ADDRESS or phone:NUMBER, normalised, its first 16 bytes.
CREATE OR REPLACE VIEW oncue.suppression_changes
(
    id String,
    address String COMMENT 'hash',
    kind LowCardinality(String) COMMENT 'email, phone',
    at DateTime64(3, 'UTC'),
    logged_at DateTime64(3, 'UTC'),
    revision UInt64 COMMENT 'rises with each change of the address',
    scope LowCardinality(String) COMMENT 'what is not sent from here on: marketing, all; empty: everything is',
    reason LowCardinality(String) COMMENT 'hard_bounce, soft_bounces, complaint, operator, import; empty: none any more',
    reasons Array(LowCardinality(String)) COMMENT 'all that stand',
    origin LowCardinality(String) COMMENT 'what changed it: response, operator, import',
    because String COMMENT 'id of the record that changed it',
    message_id String COMMENT 'whose response it was',
    code LowCardinality(String) COMMENT 'the provider\'s',
    note String COMMENT 'the operator\'s'
)
AS SELECT
    id, substring(counter, 9) AS address, kind, at, logged_at, revision, scope, reason, reasons,
    origin, because, message_id, code, note
FROM oncue.shared_log FINAL
WHERE type = 'suppression_recorded';

CREATE OR REPLACE VIEW oncue.suppressions
(
    address String COMMENT 'hash',
    kind LowCardinality(String) COMMENT 'email, phone',
    since DateTime64(3, 'UTC') COMMENT 'from when on nothing, or no marketing, is sent there',
    changed_at DateTime64(3, 'UTC'),
    scope LowCardinality(String) COMMENT 'what is not sent: marketing, all',
    reason LowCardinality(String) COMMENT 'the first of those with the widest scope',
    reasons Array(LowCardinality(String)),
    origin LowCardinality(String) COMMENT 'of the last change',
    message_id String COMMENT 'of the last change',
    code LowCardinality(String) COMMENT 'of the last change',
    note String COMMENT 'of the last change'
)
AS SELECT
    c.address AS address,
    argMax(c.kind, c.revision) AS kind,
    minIf(c.at, c.scope != '' AND c.revision > ends.revision) AS since,
    max(c.at) AS changed_at,
    argMax(c.scope, c.revision) AS scope,
    argMax(c.reason, c.revision) AS reason,
    argMax(c.reasons, c.revision) AS reasons,
    argMax(c.origin, c.revision) AS origin,
    argMax(c.message_id, c.revision) AS message_id,
    argMax(c.code, c.revision) AS code,
    argMax(c.note, c.revision) AS note
FROM oncue.suppression_changes AS c
LEFT JOIN
(
    SELECT address, max(revision) AS revision FROM oncue.suppression_changes WHERE scope = '' GROUP BY address
) AS ends ON ends.address = c.address
GROUP BY c.address
HAVING scope != '';
