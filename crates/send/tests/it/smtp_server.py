"""A real SMTP server for the tests: python3 smtp_server.py FOLDER [key=value ...]

Options: tls=starttls|implicit, cert=FILE, key=FILE, user=NAME, password=WORD, sender=refused.
Prints its port; ends when its standard input does. Each accepted message is written to FOLDER as
NUMBER.json, decoded by Python's own mail reader, so that nothing of ours checks itself.

Addressees with a meaning: later@ is put off once, never@ is refused, spam@ is refused after the
text, mute@ gets no answer to the text.
"""

import asyncio
import email
import email.policy
import json
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = pathlib.Path(sys.argv[1])
option = dict(word.split("=", 1) for word in sys.argv[2:])
put_off = set()
seen = {"connections": 0, "messages": 0}


def content(part):
    return None if part is None else part.get_content()


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if option.get("sender") == "refused":
            return "553 5.7.1 Sender not yours"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "later" and address not in put_off:
            put_off.add(address)
            return "451 4.7.1 Greylisted, come back later"
        if name == "never":
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "mute":
            await asyncio.sleep(60)
        if name == "spam":
            return "554 5.7.1 Looks like spam"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        seen["messages"] += 1
        record = {
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "encrypted": (session.ssl or server.transport.get_extra_info("ssl_object")) is not None,
            "signed_in": session.authenticated,
            "connection": seen["connections"],
            "headers": [[name, str(value)] for name, value in mail.items()],
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "text": content(mail.get_body(("plain",))),
            "html": content(mail.get_body(("html",))),
            "attachments": [
                {"name": part.get_filename(), "type": part.get_content_type(), "hex": part.get_payload(decode=True).hex()}
                for part in mail.iter_attachments()
            ],
        }
        target = folder / f"{seen['messages']:04}.json"
        unfinished = target.with_suffix(".part")
        unfinished.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        unfinished.rename(target)
        return f"250 2.0.0 Ok: queued as {seen['messages']:04}"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (option["user"].encode(), option["password"].encode())
    return AuthResult(success=good, handled=False)


def connection(context):
    def make():
        seen["connections"] += 1
        wanted = "user" in option
        return SMTP(
            Handler(),
            hostname="test.example",
            tls_context=context if option.get("tls") == "starttls" else None,
            require_starttls=option.get("tls") == "starttls",
            auth_required=wanted,
            auth_require_tls=option.get("tls") == "starttls",
            authenticator=authenticate if wanted else None,
        )

    return make


async def main():
    context = None
    if "cert" in option:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(option["cert"], option["key"])
    implicit = context if option.get("tls") == "implicit" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection(context), "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    sys.stdout.flush()
    # Without waiting for conversations still open, such as mute@'s.
    os._exit(0)


asyncio.run(main())
