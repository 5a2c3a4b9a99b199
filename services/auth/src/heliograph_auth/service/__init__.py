"""What people do with accounts and sessions, and the ports that it takes."""
