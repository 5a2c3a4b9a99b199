"""The certificate that a demo with TLS makes for itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from tools.certificate import own_certificate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def names(file: Path) -> set[str]:
    said = x509.load_pem_x509_certificate(file.read_bytes()).extensions
    found = said.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in found}


def test_it_is_good_for_this_machine_and_the_host_that_was_given(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path, "photos.example", now=NOW)

    assert names(certificate) == {"localhost", "127.0.0.1", "::1", "photos.example"}
    assert key.stat().st_mode & 0o077 == 0


def test_it_stays_until_it_will_soon_run_out(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, now=NOW)
    first = certificate.read_bytes()

    own_certificate(tmp_path, now=NOW + timedelta(days=300))
    assert certificate.read_bytes() == first

    own_certificate(tmp_path, now=NOW + timedelta(days=360))
    assert certificate.read_bytes() != first


def test_another_host_makes_another_one_and_so_does_a_broken_file(tmp_path: Path) -> None:
    certificate, _ = own_certificate(tmp_path, "0.0.0.0", now=NOW)  # noqa: S104 - of what means all
    assert names(certificate) == {"localhost", "127.0.0.1", "::1"}

    own_certificate(tmp_path, "192.168.1.7", now=NOW)
    assert "192.168.1.7" in names(certificate)

    certificate.write_bytes(b"half a certif")
    own_certificate(tmp_path, "192.168.1.7", now=NOW)
    assert "192.168.1.7" in names(certificate)
