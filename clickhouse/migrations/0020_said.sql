-- What rules ask of everybody, read of the attributes once, when a row is written: each question parsed
-- the JSON of a million customers again, several times. Read as `engine.judging.attributes` reads it.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS born String MATERIALIZED
        if(match(substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10), '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') AND substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10) >= '1900-01-01'
            AND substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10) <= '2299-12-31' AND ifNull(toString(toDate32OrNull(substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10))) = substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10), 0),
            substring(trimBoth(JSONExtractString(attributes, 'birthday')), 1, 10), '') COMMENT 'day of birth, 1990-01-31; empty: none that there is',
    ADD COLUMN IF NOT EXISTS said_gender LowCardinality(String) MATERIALIZED
        trimBoth(JSONExtractString(attributes, 'gender')) COMMENT 'the word of the shop',
    ADD COLUMN IF NOT EXISTS said_city LowCardinality(String) MATERIALIZED
        if(trimBoth(if(JSONExtractString(attributes, 'address', 'city') != '',
            JSONExtractString(attributes, 'address', 'city'), JSONExtractString(attributes, 'city'))) = '', '', if(JSONExtractString(attributes, 'address', 'city') != '',
            JSONExtractString(attributes, 'address', 'city'), JSONExtractString(attributes, 'city'))) COMMENT 'of the address, else beside it',
    ADD COLUMN IF NOT EXISTS said_country LowCardinality(String) MATERIALIZED
        if(trimBoth(if(JSONExtractString(attributes, 'address', 'country') != '',
            JSONExtractString(attributes, 'address', 'country'), JSONExtractString(attributes, 'country'))) = '', '', if(JSONExtractString(attributes, 'address', 'country') != '',
            JSONExtractString(attributes, 'address', 'country'), JSONExtractString(attributes, 'country'))) COMMENT 'of the address, else beside it';

ALTER TABLE oncue.customers_log
    MATERIALIZE COLUMN born, MATERIALIZE COLUMN said_gender, MATERIALIZE COLUMN said_city,
    MATERIALIZE COLUMN said_country;
