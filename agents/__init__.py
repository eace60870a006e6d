"""What moves it: thin shells around the engine, each a process of its own."""
