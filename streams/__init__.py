"""What flows: topics, records, the one producer, plain consumers. librdkafka lives here only."""
