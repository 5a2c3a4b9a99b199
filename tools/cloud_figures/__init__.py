"""Works out what Heliograph costs on AWS and how fast its queues drain: `make cloud-figures`."""
