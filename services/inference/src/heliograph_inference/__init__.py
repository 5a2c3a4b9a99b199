"""What is on a photo: YOLOv8 over SQS, in batches."""
