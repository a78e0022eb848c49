"""Letters: written in the transaction of what they tell, sent later by the worker."""
