"""What questions are worth: simulated people with libraries of known truth, and policies side by side."""
