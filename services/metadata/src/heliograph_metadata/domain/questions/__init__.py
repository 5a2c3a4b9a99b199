"""Questions whose answers mend many photos: what could be asked, what it is worth, and what an answer does. Pure."""
