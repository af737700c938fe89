"""The shape of the original: one thread that accepts, receives once, evaluates, sends and closes.

Started by scripts/bench; prints its port. It holds the keys of the bench, so that `getReg` is a look into a dict.
"""

import socket

registry = {f"k.{number // 1000:03}.{number % 1000:03}": f"v{number:07}" for number in range(100_000)}
names = {"getReg": registry.get}

listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    try:
        request = connection.recv(1024)
        connection.sendall(str(eval(request, names)).encode())
    except Exception as error:  # whatever a client sent
        try:
            connection.sendall(f"Error: {error}".encode())
        except OSError:
            pass
    finally:
        connection.close()
