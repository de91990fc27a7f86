"""Where credentials may be sent.

The theory. Credentials are for the origin of the URL that the settings name. A JMAP session of that very origin may
name others for its API, its events and its blobs (RFC 8620 section 2), and these are sent the credentials if they are
reached over https. A session that a redirect led to elsewhere may name none: whoever can make a server redirect would
have the credentials. What would send them over plain http, where everybody on the way reads them, is loopback at most,
unless the settings allow it; and nothing that began with https leads to http at all.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from mailroom.core.credentials import exposed_origin
from mailroom.http.urls import redacted, same_origin


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """The origins for the credentials of one configured URL."""

    configured: str
    allow_insecure_http: bool = False

    def objection(self, url: str, named_by: str) -> str | None:
        """Why credentials must not go to an absolute URL that an answer from another one names; None if they may.

        It is a sentence with the remedy, or the beginning of one where there is none but on the server.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"https", urlsplit(self.configured).scheme} or parts.username is not None:
            return "where credentials must not go"
        if same_origin(url, self.configured):
            return None
        if not same_origin(named_by, self.configured):
            return (
                f"where credentials must not go, since {redacted(self.configured)} only redirects to the server that "
                f"says so. If that is the right one, set jmap_url to {redacted(named_by)}"
            )
        if self.exposes(url):
            return "where credentials must not go over plain http, unless allow_insecure_http is true"
        return None

    def exposes(self, url: str) -> bool:
        """Whether a URL is one of plain http that the settings do not allow.

        A configured one that is itself as bad has been allowed.
        """
        return exposed_origin(url) is not None and not self.allow_insecure_http and not exposed_origin(self.configured)
