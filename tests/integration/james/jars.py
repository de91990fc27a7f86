"""The jars of James: where they are kept, and how they get there.

Maven brings them from its central repository into a folder of their own, with every library they need.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = "3.8.1"
"""The newest that runs on Java 11 to 17."""
MAIN: Final = "org.apache.james.MemoryJamesServerMain"
POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>james</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.james</groupId>
      <artifactId>james-server-memory-app</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


class NoJames(Exception):
    """There is no James, or no way to get or to run one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Jars:
    """The folder that the jars are in."""

    root: Path

    def command(self, folder: Path) -> list[str]:
        """How to run James with what is in `folder`. A short life needs no better compiler than the quick one."""
        options = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        told = (f"-Dworking.directory={folder}", f"-Dlogback.configurationFile={folder}/conf/logback.xml")
        return [_program("java"), *options, *told, "-cp", f"{self.root}/*", MAIN]


def find() -> Jars:
    """The jars fetched before. Never downloads: `NoJames` says how to get them."""
    if not location().is_dir():
        raise NoJames(f"no James in {location()}: `make james` gets it (from Maven's central repository, 122 MB)")
    _program("java")
    return Jars(location())


def fetch() -> Jars:
    """Get James, unless it is there already. A fetch that breaks off leaves nothing that `find` takes for it."""
    if not location().is_dir():
        if shutil.which("mvn") is None:
            _install_maven()
        location().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=location().parent) as workplace:
            Path(workplace, "pom.xml").write_text(POM)
            copy = ("dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars")
            _run("mvn", "--batch-mode", "--quiet", "--file", f"{workplace}/pom.xml", *copy)
            Path(workplace, "jars").rename(location())
    return find()


def location() -> Path:
    """`$MAILROOM_JAMES_ROOT`, or a place in the user's cache; root's is the system's."""
    if chosen := os.environ.get("MAILROOM_JAMES_ROOT"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/mailroom/james")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mailroom", "james")


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NoJames(f"{name} is missing, with which James runs: install Java 11 or 17, then run the tests again")
    return path


def _install_maven() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoJames("mvn is missing: install Maven and Java (`apt-get install maven`), then `make james` again")
    _run("apt-get", "update", "--quiet")
    _run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "maven", "default-jre-headless")


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL)
    except subprocess.CalledProcessError as error:
        raise NoJames(f"{command[0]} failed with status {error.returncode}; its output above says why") from error
