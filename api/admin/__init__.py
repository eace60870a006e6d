"""The administration: definitions, customers, reports; behind the admin token."""
