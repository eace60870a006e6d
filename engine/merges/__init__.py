"""Two identities of one person become one row, across partitions, by records of kind merge.

    stronger row ──release──▶ weaker row
                 ◀──moved──── its state; from here on it is a forward and passes on what comes
                 ◀─refused─── and why

Until the answer the stronger row is frozen: `freezing`. Who asks and who may: `linking`. What goes
over: `moving`. What a forward does: `forwarding`. The way in is `engine.people`.
"""
