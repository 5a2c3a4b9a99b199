"""What Heliograph's services share: contracts, errors, settings, identity and AWS clients."""
