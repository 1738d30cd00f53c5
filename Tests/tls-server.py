"""A TLS server for the tests: prints its port, then answers each connection with the bytes of a file.

Usage: tls-server.py CERTIFICATE_AND_KEY.pem ANSWER
"""
import socket
import ssl
import sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    answer = file.read()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.settimeout(10)
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                received = secure.recv(4096)
                if not received:
                    break
                head += received
            secure.sendall(answer)
    except OSError:
        pass  # A client that does not trust us says so and goes.
