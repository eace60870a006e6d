"""What `oncue up` starts: the embedded servers, and the supervisor that keeps them alive."""
