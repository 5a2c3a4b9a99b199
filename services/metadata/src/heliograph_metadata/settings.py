"""The metadata service's settings."""

from datetime import timedelta

from pydantic import SecretStr

from heliograph.settings import SharedSettings
from heliograph_metadata.cdn import CdnSigner
from heliograph_metadata.domain.thumbnail_addresses import ThumbnailSigner
from heliograph_metadata.domain.within_preview import Thumbnails


class MetadataSettings(SharedSettings):
    """What the metadata service's two processes read from their environment."""

    reader_processes: int = 2
    """How many photos are decoded at a time, in each lane, each in a process of its own."""

    reader_timeout_seconds: float = 60.0
    """A photo that takes longer to read is given up, and its process ended."""

    max_megapixels: int = 100
    """Larger pictures are refused before they are decoded."""

    prepare_concurrency: int = 6
    """Photos of each lane fetched and read at a time: some come from S3 while others are decoded."""

    backlog_prepares_in_hand: int = 64
    """Messages `photo-uploaded-backlog` at work at a time: those that are read wait to be saved together. In the
    interactive lane only as many are at work as are read, so that more of them are left to other workers."""

    label_concurrency: int = 64
    """Messages `photo-classified` in hand at a time, in each lane: they are saved together."""

    save_linger_seconds: float = 0.1
    """While photos come one after the other their saves wait so long for each other: together they cost less."""

    backlog_lingers_seconds: float = 2.0
    """The same of photos of a backlog, of the messages about them and of polls for more: nobody waits for these."""

    backlog_deletes_within_seconds: float = 5.0
    """How long messages of a backlog that are done wait for others to be deleted with."""

    pack_documents: bool = True
    """Whether photos' documents are written packed. False for as long as tasks of a release that can't read them are at
    work; they are read either way."""

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

    export_part_bytes: int = 2 * 1024**3
    """A ZIP file of an export ends with the photo by which it gets longer than this."""

    exports_every_seconds: float = 5.0
    """How often it is looked at which exports were asked for."""

    cdn_url: str = ""
    """Scheme and host of a CloudFront distribution that serves `renditions/` and passes the API on.

    Empty: browsers read renditions from S3, and thumbnails within previews where the request came to.
    """

    cdn_key_pair_id: str = ""
    cdn_private_key: SecretStr = SecretStr("")
    """The key that the distribution trusts, on P-256, in DER (PKCS 8) as base64, and CloudFront's name for it."""

    thumbnails: Thumbnails = Thumbnails.OBJECTS
    """Whether a thumbnail is an object, or lies within its preview: one PUT a photo less, and not to be taken back."""

    thumbnail_signing_key: SecretStr = SecretStr("")
    """By which the HTTP service signs addresses of thumbnails within previews; 32 characters at the least."""

    def thumbnail_signer(self) -> ThumbnailSigner | None:
        """Return who signs addresses of thumbnails; None where they are objects, and nobody has said a key.

        Raises:
            ValueError: They lie within previews and there is no key, or it is too short.
        """
        key = self.thumbnail_signing_key.get_secret_value()
        if not key and self.thumbnails is Thumbnails.WITHIN_PREVIEWS:
            raise ValueError("HELIOGRAPH_THUMBNAILS=within-previews needs HELIOGRAPH_THUMBNAIL_SIGNING_KEY")
        return ThumbnailSigner(key) if key else None

    def cdn(self) -> CdnSigner | None:
        """Return who signs addresses of renditions at the CDN; None where there is none.

        Raises:
            ValueError: Something of its three settings is missing, or the key is none.
        """
        said = (self.cdn_url, self.cdn_key_pair_id, self.cdn_private_key.get_secret_value())
        if not any(said):
            return None
        if not all(said):
            raise ValueError("of HELIOGRAPH_CDN_URL, _CDN_KEY_PAIR_ID and _CDN_PRIVATE_KEY all are needed, or none")
        return CdnSigner(self.cdn_url, key_pair_id=self.cdn_key_pair_id, private_key=said[2])

    @property
    def trash_keeps(self) -> timedelta:
        """How long a photo stays in the trash."""
        return timedelta(days=self.trash_keeps_days)
