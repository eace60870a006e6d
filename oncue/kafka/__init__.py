"""Apache Kafka without Docker: its jars by Maven, one KRaft node on loopback."""
