"""Settings that every service has; each service's own `settings.py` adds to them."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from heliograph.departures import SETTLES_AFTER


class SharedSettings(BaseSettings):
    """What every process reads from its environment, each name prefixed with `HELIOGRAPH_`.

    AWS credentials, region and endpoints are read by the AWS SDK itself from `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_DYNAMODB`.
    """

    model_config = SettingsConfigDict(env_prefix="HELIOGRAPH_", extra="ignore")

    log_level: str = "INFO"
    stack_name: str = "heliograph"
    """Prefix of every table, queue and bucket, as in infra/storage.yaml."""

    bucket: str = ""
    """The photo bucket; empty: `<stack_name>-photos`."""

    public_s3_url: str = ""
    """Where browsers reach S3. Empty: the address that the request itself came to (nginx passes it on)."""

    presign_with_aws_host: bool = False
    """Sign URLs for S3's own host, as on AWS, instead of `public_s3_url` or the request's host."""

    jwks_url: str = "http://127.0.0.1:8081/.well-known/jwks.json"
    token_issuer: str = "heliograph"
    token_audience: str = "heliograph-api"

    proxies_in_front: int = Field(default=1, ge=0)
    """How many of our own proxies add to `X-Forwarded-For`; what stands further left in it anyone may have written."""

    departures_every_seconds: float = 10.0
    """How often it is looked at whose account is being deleted."""

    departure_settles_seconds: float = SETTLES_AFTER.total_seconds()
    """After so long nothing can come any more that was under way when an account was deleted."""

    @property
    def departures_every(self) -> timedelta:
        """How often it is looked at whose account is being deleted."""
        return timedelta(seconds=self.departures_every_seconds)

    @property
    def departure_settles_after(self) -> timedelta:
        """After how long nothing of a deleted account can come any more."""
        return timedelta(seconds=self.departure_settles_seconds)

    @property
    def bucket_name(self) -> str:
        """The photo bucket's name."""
        return self.bucket or f"{self.stack_name}-photos"

    def s3_base_url(self, region: str) -> str:
        """Where URLs are signed for; empty: the address of each request."""
        return f"https://s3.{region}.amazonaws.com" if self.presign_with_aws_host else self.public_s3_url

    def table_name(self, table: str) -> str:
        """Return the full name of `photos`, `terms`, `albums`, `questions` or `accounts`."""
        return f"{self.stack_name}-{table}"

    def queue_name(self, queue: str) -> str:
        """Return the full name of a queue of infra/storage.yaml."""
        return f"{self.stack_name}-{queue}"
