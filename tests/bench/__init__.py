"""`make bench`: what pages cost, in one run on one machine, against the same templates fed from memory."""
