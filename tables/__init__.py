"""What is kept: the stored form of a customer's row, and Redis' copy of it."""
