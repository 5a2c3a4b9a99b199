"""What builds, starts and fills Heliograph on one machine; no service imports it."""
