"""The lists that a territory maintains, their yearly editions, and the entries of each."""
