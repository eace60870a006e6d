"""ClickHouse's HTTP interface over chdb, its engine in a wheel: every client is the ordinary one.

One process owns the engine: chdb allows one engine per process and one process per folder, and
a fork of a process that opened it hangs. What clients of a real server would miss: users,
sessions (each request stands alone), external tables, ClickHouse's own `compress` framing.
"""
