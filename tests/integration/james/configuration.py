"""What James is told: its configuration files, as text."""

from collections.abc import Mapping
from typing import Final, NamedTuple

DOMAIN: Final = "localhost"
LOGGED_WHEN_READY: Final = "JAMES server started"


class Ports(NamedTuple):
    jmap: int
    lmtp: int
    webadmin: int


def files(ports: Ports, private_key: str, certificate: str, public_key: str) -> Mapping[str, str]:
    """Each file of the folder `conf` by its name. What a server does not serve has to be told so, each in its file."""
    url = f"127.0.0.1:{ports.jmap}"
    unserved = {f"{name}server.xml": f"<{name}servers/>" for name in ("imap", "pop3", "smtp", "managesieve")}
    return unserved | {
        "key.pem": private_key,
        "certificate.pem": certificate,
        "public.pem": public_key,
        "jmap.properties": f"""\
enabled=true
jmap.port={ports.jmap}
jmap.version.default=rfc-8621
url.prefix=http://{url}
websocket.url.prefix=ws://{url}
authentication.strategy.rfc8621=BasicAuthenticationStrategy,JWTAuthenticationStrategy
tls.privateKey=file://conf/key.pem
tls.certificates=file://conf/certificate.pem
jwt.publickeypem.url=file://conf/public.pem
""",
        "webadmin.properties": f"enabled=true\nhost=127.0.0.1\nport={ports.webadmin}\n",
        "jmx.properties": "jmx.enabled=false\n",
        "usersrepository.xml": "<usersrepository><enableVirtualHosting>false</enableVirtualHosting></usersrepository>",
        "domainlist.xml": f"""\
<domainlist>
  <autodetect>false</autodetect>
  <autodetectIP>false</autodetectIP>
  <defaultDomain>{DOMAIN}</defaultDomain>
</domainlist>
""",
        "lmtpserver.xml": f"""\
<lmtpservers>
  <lmtpserver enabled="true">
    <jmxName>lmtp</jmxName>
    <bind>127.0.0.1:{ports.lmtp}</bind>
    <connectiontimeout>1200</connectiontimeout>
    <maxmessagesize>0</maxmessagesize>
    <handlerchain><handler class="org.apache.james.lmtpserver.CoreCmdHandlerLoader"/></handlerchain>
  </lmtpserver>
</lmtpservers>
""",
        "mailetcontainer.xml": """\
<mailetcontainer enableJmx="false">
  <context><postmaster>postmaster@localhost</postmaster></context>
  <spooler><threads>1</threads><errorRepository>memory://var/mail/error/</errorRepository></spooler>
  <processors>
    <processor state="root">
      <mailet match="All" class="ToProcessor"><processor>transport</processor></mailet>
    </processor>
    <processor state="error"><mailet match="All" class="Null"/></processor>
    <processor state="transport">
      <mailet match="All" class="RemoveMimeHeader"><name>bcc</name></mailet>
      <mailet match="RecipientIsLocal" class="VacationMailet"/>
      <mailet match="RecipientIsLocal" class="org.apache.james.jmap.mailet.filter.JMAPFiltering"/>
      <mailet match="All" class="Null"/>
    </processor>
  </processors>
</mailetcontainer>
""",
        "logback.xml": """\
<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d %level %logger{0} %msg%n%ex{5}</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="console"/></root>
</configuration>
""",
    }
