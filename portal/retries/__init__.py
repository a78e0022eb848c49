"""What programs were answered, kept for a day: asked again under the same key, nothing is done twice."""
