"""500 clients that keep a server waiting, and visitors who come meanwhile: they must not notice.

python -m benchmarks.faults.slow_clients [--clients 500] [--seconds 8] [--rounds 3] [--short]

A real server with the sample city; visitors ask 40 times a second, each time on a new connection.
For each kind, in turns, nobody else is there, and then 500 clients: silent ones that connect and
send nothing; half heads and half bodies, which send a byte each second; slow readers, which ask for
all shops and read 500 bytes each second. Who is cut off by the server comes back at once. It ends
with 1 when a visitor gets no answer, or when the 99th percentile of visitors' waiting is not below
twice its value without slow clients; of each the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import resource
import socket
import statistics
import sys
import time
from ctypes import c_int
from dataclasses import dataclass

from benchmarks.faults.serving import (
    PATHS,
    Answer,
    Server,
    measure_memory_mb,
    percentile_ms,
    print_row,
    serving,
    visit,
    wait_until,
)

KINDS = ("silent", "half heads", "half bodies", "slow readers")
OPENINGS = {
    "silent": b"",
    "half heads": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "half bodies": b"POST /api/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    b"Content-Length: 100000\r\n\r\nlon,lat\n",
    "slow readers": b"GET /api/collections/shops/items?limit=10000 HTTP/1.1\r\nHost: localhost\r\n"
    b"\r\n",
}
VISITORS, VISITS_A_SECOND = 8, 40
SHORT_CLIENTS, SHORT_S, SHORT_ROUNDS = 100, 3.0, 1
MOST_TIMES = 2.0
SHORT_FLOOR_MS = 5_000.0
"""The short form, on a machine that does other things, calls nothing slow that is quicker."""
STEP_S = 1.0
CONNECT_S = 30.0


@dataclass(frozen=True)
class Trial:
    """What visitors met in one round; `held` are the slow clients that were connected."""

    held: int
    visits: int
    failed: int
    idle_p99_ms: float
    p99_ms: float
    memory_mb: float


def main() -> None:
    """Read the command line, try each kind, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    clients = SHORT_CLIENTS if given.short else given.clients
    seconds = SHORT_S if given.short else given.seconds
    rounds = SHORT_ROUNDS if given.short else given.rounds
    floor_ms = SHORT_FLOOR_MS if given.short else 0.0
    faults: list[str] = []
    print_row("slow clients", "held", "visits", "failed", "idle p99 ms", "p99 ms", "memory MB")
    with serving(given.workers) as server:
        measure(server, 2.0)  # the first visits pay for what later ones find prepared
        for kind in KINDS:
            trials = [try_kind(server, kind, clients, seconds) for _ in range(rounds)]
            failed = sum(trial.failed for trial in trials)
            idle_ms = statistics.median(trial.idle_p99_ms for trial in trials)
            p99_ms = statistics.median(trial.p99_ms for trial in trials)
            print_row(
                f"{clients} {kind}",
                min(trial.held for trial in trials),
                sum(trial.visits for trial in trials),
                failed,
                idle_ms,
                p99_ms,
                max(trial.memory_mb for trial in trials),
            )
            if failed:
                faults.append(f"{kind}: {failed} visits failed")
            if p99_ms >= MOST_TIMES * idle_ms and p99_ms > floor_ms:
                faults.append(f"{kind}: visitors wait {p99_ms / idle_ms:.1f} times as long")
    if faults:
        sys.exit("\n".join(faults))


def try_kind(server: Server, kind: str, clients: int, seconds: float) -> Trial:
    """Measure visitors without slow clients of a kind, and then with them."""
    idle = measure(server, seconds)
    with slow_clients(server.port, kind, clients) as held:
        answers = measure(server, seconds)
        return Trial(
            held=held.value,
            visits=len(answers),
            failed=sum(answer.status != 200 for answer in (*idle, *answers)),
            idle_p99_ms=percentile_ms(idle, 99),
            p99_ms=percentile_ms(answers, 99),
            memory_mb=measure_memory_mb(server.pid),
        )


def measure(server: Server, seconds: float) -> list[Answer]:
    """Visit the server for some seconds; return the answers."""
    answers: list[Answer] = []
    last_s = time.monotonic() + seconds
    threads = visit(
        server.port,
        PATHS,
        visitors=VISITORS,
        note=answers.append,
        is_over=lambda: time.monotonic() > last_s,
        pause_s=VISITORS / VISITS_A_SECOND,
    )
    for thread in threads:
        thread.join()
    return answers


# -- those who are slow --------------------------------------------------------------------------


@contextlib.contextmanager
def slow_clients(port: int, kind: str, count: int):
    """Run slow clients in a process of their own; give how many are connected."""
    held = multiprocessing.Value(c_int, 0)
    process = multiprocessing.Process(target=run, args=(port, kind, count, held), daemon=True)
    process.start()
    try:
        # A server that takes no more connections is measured, too: it is not waited for longer.
        last_s = time.monotonic() + CONNECT_S
        wait_until(lambda: held.value >= count or time.monotonic() > last_s, 2 * CONNECT_S)
        time.sleep(2)
        yield held
    finally:
        process.kill()
        process.join()


def run(port: int, kind: str, count: int, held) -> None:
    """Hold so many slow connections until this process is ended."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, hard))

    async def all_of_them() -> None:
        await asyncio.gather(*(hold(port, kind, held, n / count) for n in range(count)))

    asyncio.run(all_of_them())


async def hold(port: int, kind: str, held, delay_s: float) -> None:
    """Be one slow client, for ever."""
    await asyncio.sleep(3 * delay_s)  # they come one after the other
    loop = asyncio.get_running_loop()
    while True:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        is_held = False
        try:
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, OPENINGS[kind])
            # Making so many large answers is work as any other; who reads slowly begins after it.
            if kind == "slow readers":
                await loop.sock_recv(client, 1)
            held.value += 1
            is_held = True
            await be_slow(client, kind)
        except OSError:
            await asyncio.sleep(STEP_S)
        finally:
            held.value -= is_held
            client.close()


async def be_slow(client: socket.socket, kind: str) -> None:
    """Do a little each second, until the server ends the connection."""
    loop = asyncio.get_running_loop()
    while True:
        if kind in {"half heads", "half bodies"}:
            await loop.sock_sendall(client, b"1")
        await asyncio.sleep(STEP_S)
        if kind == "slow readers":
            if not await loop.sock_recv(client, 500):
                return
            continue
        with contextlib.suppress(BlockingIOError):
            client.recv(4096)  # an answer to a half request, such as 408, ends the connection
            return


if __name__ == "__main__":
    main()
