"""The ground floor: what every noun and every procedure of the portal stands on."""
