"""Letters: people are told in the transaction of what happened; the worker makes letters of it, at each one's pace, and sends them."""
