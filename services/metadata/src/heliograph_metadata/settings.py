"""The metadata service's settings."""

from datetime import timedelta

from heliograph.settings import SharedSettings


class MetadataSettings(SharedSettings):
    """What the metadata service's two processes read from their environment."""

    reader_processes: int = 2
    """How many photos are decoded at a time, in each lane, each in a process of its own."""

    reader_timeout_seconds: float = 60.0
    """A photo that takes longer to read is given up, and its process ended."""

    max_megapixels: int = 100
    """Larger pictures are refused before they are decoded."""

    prepare_concurrency: int = 6
    """Photos of each lane in hand at a time: some come from S3 or are being saved while others are decoded."""

    label_concurrency: int = 16
    """Messages `photo-classified` in hand at a time, in each lane: they are saved together."""

    save_linger_seconds: float = 0.1
    """While photos come one after the other their saves wait so long for each other: together they cost less."""

    reconcile_every_seconds: float = 60.0
    reconcile_after_seconds: float = 60.0
    """How long a photo has to have stood still before its message is sent again; doubled each time."""

    reconcile_at_start_after_seconds: float = 3.0
    """The same for the first look after a start, when messages may have been lost."""

    admission_lives_seconds: float = 24 * 3600.0
    """An admitted photo whose bytes have not come by then is forgotten."""

    job_concurrency: int = 2
    """Messages `job-step` in hand at a time, each of up to 100 photos."""

    trash_keeps_days: float = 30.0
    """So long a photo stays in the trash before it is deleted for good."""

    purge_every_seconds: float = 900.0
    """How often the trash is looked at."""

    @property
    def trash_keeps(self) -> timedelta:
        """How long a photo stays in the trash."""
        return timedelta(days=self.trash_keeps_days)
