"""How an answer of a server may look, good and damaged."""

import asyncio
import gzip
import socket
import struct
import zlib

# What is as it should be, in one form or another.
GOOD = ["well"] * 8 + ["chunked", "gzip", "until the end of the connection", "slowly, but well", "with an entity tag", "with an entity tag"]

# What must never become rows.
DAMAGES = [
    "500", "502 with HTML", "503", "404", "200 with HTML", "HTML that says it is JSON", "an error object", "nothing in the list", "an empty body",
    "text that breaks off", "shorter than its length", "longer than its length", "chunks that break off", "a chunk length that is none",
    "gzip that breaks off", "damaged gzip", "reset at once", "reset in the middle", "closed without a word", "a hang", "a hang in the middle",
    "a drip that takes too long", "no HTTP",
]

HTML = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"


def reset(writer):
    """Lets the connection end with a reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def play(kind, writer, reader, content_type, body, page, request):
    """Sends an answer of this kind. Of a good one the page is served before its last byte is sent."""

    def head(status="200 OK", length=None, *more, type=content_type):
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {type}", "Connection: close", *more]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def send(*pieces):
        for piece in pieces:
            writer.write(piece)
        await writer.drain()

    cut = len(body) * 2 // 3
    match kind:
        case "well":
            page.is_served()
            await send(head(length=len(body)), body)
        case "chunked":
            page.is_served()
            await send(head("200 OK", None, "Transfer-Encoding: chunked"), *(f"{len(part):x}\r\n".encode() + part + b"\r\n"
                for part in (body[:cut], body[cut:])), b"0\r\n\r\n")
        case "gzip":
            packed = gzip.compress(body)
            page.is_served()
            await send(head("200 OK", len(packed), "Content-Encoding: gzip"), packed)
        case "until the end of the connection":
            page.is_served()
            await send(head(), body)
        case "slowly, but well":
            await send(head(length=len(body)))
            step = len(body) // 5 + 1
            for start in range(0, len(body), step):
                await asyncio.sleep(0.15)
                if start + step >= len(body):
                    page.is_served()
                await send(body[start:start + step])
        case "with an entity tag":
            tag = f'"{zlib.crc32(body):08x}"'
            page.is_served()
            if f"if-none-match: {tag}" in request:
                await send(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
            else:
                await send(head("200 OK", len(body), f"ETag: {tag}"), body)
        case "500":
            await send(head("500 Internal Server Error", 5), b"sorry")
        case "502 with HTML":
            await send(head("502 Bad Gateway", len(HTML), type="text/html"), HTML)
        case "503":
            await send(head("503 Service Unavailable", 0))
        case "404":
            await send(head("404 Not Found", 2), b"no")
        case "200 with HTML":
            await send(head("200 OK", len(HTML), type="text/html; charset=utf-8"), HTML)
        case "HTML that says it is JSON":
            await send(head("200 OK", len(HTML)), HTML)
        case "an error object":
            await send(head("200 OK", 27), b'{"error":"internal error"}\n')
        case "nothing in the list":
            await send(head("200 OK", 2), b"[]")
        case "an empty body":
            await send(head("200 OK", 0))
        case "text that breaks off":
            await send(head("200 OK", cut), body[:cut])
        case "shorter than its length":
            await send(head("200 OK", len(body)), body[:cut])
        case "longer than its length":
            await send(head("200 OK", cut), body)
        case "chunks that break off":
            await send(head("200 OK", None, "Transfer-Encoding: chunked"), f"{len(body):x}\r\n".encode(), body[:cut])
        case "a chunk length that is none":
            await send(head("200 OK", None, "Transfer-Encoding: chunked"), b"zz\r\n", body)
        case "gzip that breaks off":
            packed = gzip.compress(body)
            await send(head("200 OK", None, "Content-Encoding: gzip"), packed[:len(packed) // 2])
        case "damaged gzip":
            packed = bytearray(gzip.compress(body))
            packed[len(packed) // 2] ^= 0x55
            await send(head("200 OK", len(packed), "Content-Encoding: gzip"), bytes(packed))
        case "reset at once":
            reset(writer)
        case "reset in the middle":
            await send(head("200 OK", len(body)), body[:cut])
            await asyncio.sleep(0.05)
            reset(writer)
        case "closed without a word":
            pass
        case "a hang":
            await reader.read()
        case "a hang in the middle":
            await send(head("200 OK", len(body)), body[:cut])
            await reader.read()
        case "a drip that takes too long":
            await send(head("200 OK", len(body)))
            for byte in body[:cut]:
                await asyncio.sleep(0.25)
                await send(bytes([byte]))
        case "no HTTP":
            await send(b"SSH-2.0-OpenSSH_9.2\r\n")
        case _:
            raise ValueError(kind)
