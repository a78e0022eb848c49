"""The pages of those who run the portal: one section per noun or procedure that has something to set."""
