"""A certificate of this machine's own for `make demo TLS=1`: made when there is none, or when it will soon run out.

No authority has signed it, so a browser asks whether to trust it; everything else is as with one that was bought.
"""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIVES = timedelta(days=365)
"""Browsers take 398 at most, and Mozilla's TLS guideline asks for no more than 366."""
_RENEWED_BEFORE = timedelta(days=30)
_NAMES = ("localhost", "127.0.0.1", "::1")


def own_certificate(folder: Path, *hosts: str, now: datetime | None = None) -> tuple[Path, Path]:
    """Return the files of a certificate for this machine and of its key (mode 600), both PEM.

    Args:
        folder: Where they are kept.
        hosts: Names and addresses that it is good for besides localhost; an address of all interfaces adds none.
        now: The present, in UTC.
    """
    now = now or datetime.now(UTC)
    names = [*dict.fromkeys((*_NAMES, *(host for host in hosts if host not in {"", "0.0.0.0", "::"})))]  # noqa: S104
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists() and _is_good(certificate, names, now)):
        folder.mkdir(parents=True, exist_ok=True)
        private = ec.generate_private_key(ec.SECP256R1())
        _write(
            key,
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        _write(certificate, _self_signed(private, names, now).public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _self_signed(private: ec.EllipticCurvePrivateKey, names: list[str], now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Heliograph on this machine")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIVES)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(file: Path, names: list[str], now: datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        return False
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.not_valid_after_utc - now > _RENEWED_BEFORE and set(said) == {_general_name(name) for name in names}


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
    fresh.replace(file)
