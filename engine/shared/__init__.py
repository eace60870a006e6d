"""Rows of the table `shared`: what is counted across customers, decided as purely as a customer."""
