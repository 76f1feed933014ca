"""Small stand-ins for the outside world, on real sockets."""
