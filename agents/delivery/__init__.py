"""Sends what was decided, once; the ledger `sends` is the lock and the memory."""
