"""An SMTP server for the tests: prints its port, then one JSON object a line for each mail that it took.

Usage: smtp-server.py MODE [CERTIFICATE_AND_KEY.pem]

starttls  demands STARTTLS, then a login
tls       TLS from the first byte, then a login
plain     no encryption on offer; a login would be taken
open      no encryption and no login
closing   like starttls, but says nothing to QUIT
silent    says nothing at all; prints "client" for a connection
greeting  says nothing but a greeting; prints "client" for a client's first line

The login is user@example.test with the password in the environment variable SMTP_PASSWORD. nobody@example.test is no recipient.
"""
import asyncio
import json
import os
import ssl
import sys

try:
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
except ImportError:
    sys.exit("The tests need the Debian package python3-aiosmtpd; `make deps` installs it.")


def authenticate(server, session, envelope, mechanism, login):
    right = (
        isinstance(login, LoginPassword)
        and login.login == b"user@example.test"
        and login.password == os.environb.get(b"SMTP_PASSWORD", b"")
    )
    # Not handled: the server says 535 itself.
    return AuthResult(success=right, handled=False)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": session.authenticated or False,
            "content": envelope.original_content.decode("utf-8", "replace"),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"


class SilentQuit(Mailbox):
    async def handle_QUIT(self, server, session, envelope):
        await asyncio.sleep(3600)


async def say_little(mode, reader, writer):
    if mode == "greeting":
        writer.write(b"220 mail.example.test\r\n")
        await reader.readline()
    print("client", flush=True)
    await reader.read()


async def main():
    mode = sys.argv[1]
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
    encrypts = mode in ("starttls", "closing")

    def connection():
        return SMTP(
            SilentQuit() if mode == "closing" else Mailbox(),
            hostname="mail.example.test",
            tls_context=context if encrypts else None,
            require_starttls=encrypts,
            auth_required=mode != "open",
            auth_require_tls=encrypts,
            authenticator=authenticate,
            loop=asyncio.get_running_loop(),
        )

    if mode in ("silent", "greeting"):
        server = await asyncio.start_server(lambda *streams: say_little(mode, *streams), "127.0.0.1", 0)
    else:
        server = await asyncio.get_running_loop().create_server(
            connection, "127.0.0.1", 0, ssl=context if mode == "tls" else None
        )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
