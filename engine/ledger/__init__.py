"""Every receipt and order of a customer in few bytes, and the sums that follow from them."""
