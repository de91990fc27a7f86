"""What Cyrus is told: its two configuration files, as text."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.integration.cyrus.tree import CyrusTree

ADMIN = "admin"
FOLDERS = ("conf/socket", "conf/sync/squatter", "jwt", "lock", "proc", "search", "sieve", "spool", "tmp")
"""What must exist before the first start, under the instance's folder."""


class Ports(NamedTuple):
    imap: int
    http: int
    lmtp: int


def imapd_conf(folder: Path, user: str, group: str, settings: Mapping[str, str]) -> str:
    """imapd.conf for an instance that keeps everything in `folder`; `settings` are added last."""
    lines = {
        "configdirectory": folder / "conf",
        "proc_path": folder / "proc",
        "mboxname_lockpath": folder / "lock",
        "temp_path": folder / "tmp",
        "defaultpartition": "default",
        "partition-default": folder / "spool",
        "sievedir": folder / "sieve",
        "sieveusehomedir": "no",
        "lmtpsocket": folder / "conf/socket/lmtp",
        "idlesocket": folder / "conf/socket/idle",
        "notifysocket": folder / "conf/socket/notify",
        "cyrus_user": user,
        "cyrus_group": group,
        "servername": "localhost",
        "admins": ADMIN,
        "allowplaintext": "yes",
        "failedloginpause": "0",
        "sasl_pwcheck_method": "auxprop",
        "sasl_auxprop_plugin": "sasldb",
        "sasl_sasldb_path": folder / "sasldb2",
        "sasl_mech_list": "PLAIN LOGIN",
        "http_jwt_key_dir": folder / "jwt",
        "unixhierarchysep": "yes",
        "altnamespace": "yes",
        "virtdomains": "off",
        "munge8bit": "no",
        "autocreate_quota": "-1",
        "conversations": "yes",
        "httpmodules": "carddav jmap",
        "jmap_nonstandard_extensions": "yes",
        "jmap_pushpoll": "1s",
        "search_engine": "xapian",
        "defaultsearchtier": "t1",
        "t1searchpartition-default": folder / "search",
        "sync_log": "yes",
        "sync_log_channels": "squatter",
        **settings,
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def cyrus_conf(tree: CyrusTree, imapd_conf: Path, ports: Ports) -> str:
    """cyrus.conf: what master starts. The indexer runs all the time, so that new mail is found within a second."""

    def command(program: str, *arguments: str) -> str:
        return " ".join(tree.command(program, "-C", imapd_conf, *arguments))

    return f"""\
START {{
  recover cmd="{command("ctl_cyrusdb", "-r")}"
  idled cmd="{command("idled")}"
}}
SERVICES {{
  imap cmd="{command("imapd")}" listen="127.0.0.1:{ports.imap}" prefork=0
  http cmd="{command("httpd")}" listen="127.0.0.1:{ports.http}" prefork=0
  lmtp cmd="{command("lmtpd", "-a")}" listen="127.0.0.1:{ports.lmtp}" prefork=0
}}
DAEMON {{
  squatter cmd="{command("squatter", "-R")}" wait=n
}}
"""
