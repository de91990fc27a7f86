"""The unpacked Cyrus: where it is kept, and how it gets there.

Nothing is installed into the system: Debian's packages are unpacked into a folder of their own, with every library they
need, and run from there.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

RELEASE = "trixie"
BACKPORTS = f"{RELEASE}-backports"
PACKAGES = ("cyrus-imapd", "cyrus-caldav", "cyrus-common")
SASL_PACKAGES = ("sasl2-bin", "libsasl2-modules")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
USUAL_MIRROR = "http://deb.debian.org/debian"


class NoCyrus(Exception):
    """There is no unpacked Cyrus, or no way to get one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class CyrusTree:
    """The folder that the packages are unpacked in."""

    root: Path

    @property
    def libraries(self) -> Path:
        return self._loader.parent

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        """How to run a program of the tree on this system, whatever C library the system itself has."""
        binary = next(path for path in self._mailboxes(program) if path.exists())
        return [str(word) for word in (self._loader, "--library-path", self.libraries, binary, *arguments)]

    @property
    def _loader(self) -> Path:
        return next((self.root / "usr/lib").glob("*-linux-gnu*/ld-linux*.so.*"))

    def _mailboxes(self, program: str) -> tuple[Path, ...]:
        return self.root / "usr/lib/cyrus/bin" / program, self.root / "usr/sbin" / program


def find() -> CyrusTree:
    """The tree fetched before. Never downloads: `NoCyrus` says how to get one."""
    if not location().is_dir():
        raise NoCyrus(f"no Cyrus in {location()}: `make cyrus` gets it (Debian's packages, unpacked to 250 MB)")
    return CyrusTree(location())


def fetch() -> CyrusTree:
    """Unpack Cyrus, unless it is there already. A fetch that breaks off leaves nothing that `find` takes for it."""
    if location().is_dir():
        return find()
    location().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=location().parent, ignore_cleanup_errors=True) as workplace:
        unpacked = Path(workplace, "tree")
        _unpack(unpacked)
        unpacked.chmod(0o755)
        unpacked.rename(location())
    return find()


def location() -> Path:
    """`$MAILROOM_CYRUS_ROOT`, or a place in the user's cache.

    Root's home is closed to the unprivileged user that the server runs as, so root's cache is the system's.
    """
    if chosen := os.environ.get("MAILROOM_CYRUS_ROOT"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/mailroom/cyrus")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mailroom", "cyrus")


def _unpack(target: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        _install_mmdebstrap()
    mirror = _mirror()
    sources = [f"deb [signed-by={KEYRING}] {mirror} {suite} main" for suite in (RELEASE, BACKPORTS)]
    packages = ",".join((*(f"{package}/{BACKPORTS}" for package in PACKAGES), *SASL_PACKAGES))
    _run("mmdebstrap", "--variant=extract", f"--include={packages}", RELEASE, str(target), *sources)


def _install_mmdebstrap() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoCyrus("mmdebstrap is missing: install it (`apt-get install mmdebstrap`), then `make cyrus` again")
    _run("apt-get", "update", "--quiet")
    _run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "mmdebstrap")


def _mirror() -> str:
    """The Debian mirror that this machine uses itself, or the usual one."""
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        return USUAL_MIRROR
    listing = subprocess.run(
        [apt_get, "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian"],
        capture_output=True,
        check=False,
        text=True,
    )
    return next(iter(listing.stdout.split()), USUAL_MIRROR)


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL)
    except subprocess.CalledProcessError as error:
        raise NoCyrus(f"{command[0]} failed with status {error.returncode}; its output above says why") from error
