"""A board in Python (3.9 or newer), with its standard library alone: the client of a session over TCP.

    async with Board("py-1", answer=answer) as board:  # async def answer(request): return {"on": True}
        await board.publish({"ot": "l:temp", "v": 22.5})  # arrives once and in order, while this process lives

Client knows bytes and times alone, Board has socket and clock; on a cable the link (section 2) would stand between them.
Sections, as 3.2, and decisions, D1 to D18, are those of shared/PROTOCOL.md."""
import asyncio, base64, hmac, json, os, random, time
CLOSE, SLOW_START, EAGER, FAULTS, HANDSHAKE_MS = b"\0\xff", 4, 256, 3, 5000  # section 7
FIRST_MAX, MAX, RX = 256, 65536, 262144  # bytes: of a packet before the first hello came, of one we take, unread by us
class Fault(Exception): """Fault(code of section 6): this connection cannot go on; Fault(code, True): nor can its session."""

def varint(value: int) -> bytes:
    """The shortest form (section 1)."""
    if value <= 240: return bytes((value,))
    if value <= 2287: return bytes((241 + (value - 240 >> 8), value - 240 & 255))
    if value <= 67823: return b"\xf9" + (value - 2288).to_bytes(2, "big")
    size = (value.bit_length() + 7) // 8
    return bytes((247 + size,)) + value.to_bytes(size, "big")
def read_varint():
    """Any form (D14). As all that reads here, it yields how many bytes it needs, and is sent them."""
    first = (yield 1)[0]
    if first <= 240: return first
    rest = int.from_bytes((yield 1 if first < 249 else max(2, first - 247)), "big")
    value = 240 + 256 * (first - 241) + rest if first < 249 else 2288 + rest if first == 249 else rest
    if value >= 2**53: raise Fault("VARINT_RANGE")
    return value
def packet(message: dict) -> bytes:
    data = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return varint(len(data)) + data
def mac(key: bytes, *parts: bytes) -> bytes: return hmac.digest(key, b"".join(parts), "sha256")

class Client:
    """The numbers that a process keeps while it lives, over all sessions (section 4). `now`: ms of a steady clock (D15)."""
    def __init__(self, id: str, key: "bytes | None", on_packet) -> None:
        self.id, self.key, self.on_packet = id, key, on_packet
        self.epoch, self.seq, self.held = "", 1, []  # packets not acknowledged; the first has the number seq (4.2)
        self.their_epoch, self.watermark, self.largest, self.acked_here = "", 0, FIRST_MAX, SLOW_START
        self.begin()
    def begin(self) -> None:  # what a session keeps, over all its connections (section 3)
        self.session, self.resumes, self.nonce, self.slot = b"", 0, os.urandom(16), []  # slot: hello and proof (4.1)
        self.received = self.accepted = self.acknowledged = self.faults = 0  # packets
        self.is_greeted, self.window = False, RX
    def connect(self, now: float) -> None:
        """What a connection keeps. Request and state leave together (3.1, D13)."""
        self.is_open, self.now, self.synced, self.dead_at = False, now, now, now + HANDSHAKE_MS
        self.sent = self.counted = self.unsynced = 0  # packets in flight, packets counted; bytes read since the last sync packet
        self.allowed, self.acked_here = max(1, min(self.acked_here, SLOW_START)), 0  # packets in flight (3.3, D2)
        self.input, self.reader, shown = bytearray(), self.read(), self.session
        self.wanted = next(self.reader)
        if shown and self.key:  # a counter and a proof, so that what was overheard is worth nothing (4.4, D7)
            self.resumes += 1
            shown += self.resumes.to_bytes(4, "big")
            shown += mac(self.key, b"bowline-1 resume", shown)[:12]
        self.out = bytearray(b"\1" + varint(len(shown)) + shown + varint(self.acknowledged))
    def receive(self, data: bytes, now: float) -> None:  # of this connection, cut anywhere
        self.now, at = now, 0
        self.input += data
        while len(self.input) >= at + self.wanted:
            at, piece = at + self.wanted, bytes(self.input[at:at + self.wanted])
            self.wanted = self.reader.send(piece)
        del self.input[:at]
    def read(self):
        """All that the gateway says on a connection, in its order (3.1, 3.2)."""
        code = (yield 1)[0]
        if code: raise Fault((0, "VERSION_UNSUPPORTED", "SESSION_UNKNOWN", "HANDSHAKE_CODE")[min(code, 3)], code < 3)
        if not self.session:
            size = yield from read_varint()
            if not 1 <= size <= 32: raise Fault("SESSION_ID_SIZE")
            self.session = yield size
        self.start = self.next = yield from read_varint()
        self.min, self.max = (yield from read_varint()), (yield from read_varint())
        yield 1  # sessionExpire: a client asks, and is told (3.4)
        if not self.max or self.min > self.max: raise Fault("STATE_RANGE")
        self.is_open, self.synced, self.dead_at = True, self.now, self.now + 2 * self.max
        if self.start > self.received: raise Fault("PACKET_GAP", True)  # D3
        if not self.acknowledged and not self.slot:
            hello = {"id": self.id, "epoch": self.epoch, "seq": self.seq, "rx": RX, "max": MAX, "fw": "python"}
            self.slot = [packet({"hello": {**hello, "nonce": base64.b64encode(self.nonce).decode()} if self.key else hello})]
        while True:
            size = yield from read_varint()
            if size > MAX: raise Fault("PACKET_TOO_LARGE")  # before room is made (D5)
            if size: self.take_packet((yield size))
            else: self.take_sync((yield 1)[0])
    def take_packet(self, data: bytes) -> None:
        self.next, self.unsynced = self.next + 1, self.unsynced + len(data)
        if self.next <= self.received: return  # skipped, and counted on this connection (D1)
        self.received, self.faults = self.next, 0
        if self.next == 1: return self.greet(json.loads(data)["hello"])
        seq = self.first + self.next - 2  # not above the watermark: it came in an older session, and is counted alone (4.2)
        self.on_packet((self.session, data if seq > self.watermark else b"{}"))
        self.watermark = max(seq, self.watermark)
    def take_sync(self, count: int) -> None:
        self.dead_at = self.now + 2 * self.max  # nothing else proves that the other side lives (D11, D18)
        if count == CLOSE[1]: raise Fault("CLOSED", True)
        if count > 200 or count > self.sent: raise Fault("RECEIVE_COUNT_RESERVED" if count > 200 else "ACK_BEYOND_SENT")  # D4
        own = min(count, len(self.slot))
        del self.slot[:own], self.held[:count - own]
        self.acknowledged, self.acked_here, self.seq = self.acknowledged + count, self.acked_here + count, self.seq + count - own
        self.sent, self.allowed, self.faults = self.sent - count, self.allowed + count, 0 if count else self.faults
    def output(self, now: float) -> bytes:
        """What leaves now: packets, as far as both windows allow (D2, D6), and sync packets. `due`: ms, when to ask again."""
        self.now, self.due = now, self.dead_at
        if now >= self.dead_at: raise Fault("DEAD" if self.is_open else "HANDSHAKE_TIMEOUT")
        waiting = (self.slot + self.held[:self.allowed] if self.is_greeted else self.slot)[:self.allowed if self.is_open else 0]
        flying = sum(map(len, waiting[:self.sent]))
        for one in waiting[self.sent:]:
            if self.sent and flying + len(one) > self.window: break
            self.out += one
            self.sent, flying = self.sent + 1, flying + len(one)
        while self.is_open:
            owed = max(0, min(self.accepted, self.next) - self.start - self.counted)  # anew on each connection (3.3, D1)
            at_once = owed and (self.counted < EAGER or owed >= 200 or self.unsynced >= RX / 2)  # the first: for slow start (D2)
            self.due = min(self.dead_at, self.synced + (self.min if owed else self.max))
            if not at_once and now < self.due: break
            self.out += bytes((0, min(owed, 200)))
            self.counted, self.synced, self.unsynced = self.counted + min(owed, 200), now, 0
        out, self.out = bytes(self.out), bytearray()
        return out
    def fail(self, code: str, ends_session=False) -> bytes:
        """-> the last bytes: who ends a session says so, and so does who is told (3.2). The third fault ends it (D3)."""
        self.faults += code not in ("DEAD", "HANDSHAKE_TIMEOUT")
        was_open, self.is_open = self.is_open, False
        if not ends_session and self.faults < FAULTS: return b""
        self.begin()
        return CLOSE if was_open else b""
    def greet(self, hello: dict) -> None:
        """The gateway's hello (4.1). With a key both prove that they have it, and no proof is a wrong one (4.4)."""
        if self.key:
            nonce, proof = (base64.b64decode(hello.get(name, "")) for name in ("nonce", "proof"))
            parts = nonce, self.nonce, self.session, self.id.encode(), hello["id"].encode()
            if not hmac.compare_digest(proof, mac(self.key, b"bowline-1g", *parts)): raise Fault("PROOF_INVALID", True)
            self.slot.append(packet({"proof": base64.b64encode(mac(self.key, b"bowline-1b", *parts)).decode()}))
        if "key" in hello: self.key = base64.b64decode(hello["key"])  # pairing was open: keep it
        if hello["epoch"] != self.their_epoch: self.watermark = hello["seq"] - 1
        self.their_epoch, self.epoch, self.first = hello["epoch"], hello["yourEpoch"], hello["seq"]
        self.largest, self.window, self.is_greeted, self.accepted = hello["max"], hello["rx"], True, 1

class Board:
    """Connects again and again until it is closed. What `await answer(request)` returns or raises is the reply."""
    def __init__(self, id: str, host="127.0.0.1", port=7700, key=None, answer=None, room=65536, ssl=None) -> None:
        self.inbox, self.moved, self.writer, self.timer, self.idle, self.room = asyncio.Queue(), asyncio.Event(), None, None, 0, room
        self.client, self.address, self.ssl, self.answer = Client(id, key, self.inbox.put_nowait), (host, port), ssl, answer
    async def __aenter__(self) -> "Board":
        self.tasks = [asyncio.ensure_future(self.live()), asyncio.ensure_future(self.work())]
        return self
    async def publish(self, message: dict) -> None:
        """Returns once there is room for it: `room` bytes for all that is not acknowledged (D6)."""
        one, held = packet(message), self.client.held
        while held and sum(map(len, held)) + len(one) > self.room: self.moved.clear(); await self.moved.wait()
        if len(one) > self.client.largest: raise ValueError(f"{len(one)} bytes; allowed {self.client.largest} at present")
        held.append(one)
        self.step()
        await asyncio.sleep(0)  # who sends without a pause lets the answers come in
    async def work(self) -> None:
        """Requests, one by one. Each is counted once it is answered, so no more come than are kept up with (D17)."""
        while True:
            (session, data), told = await self.inbox.get(), {"ot": "bowline:unreadable"}  # section 4.3: what has no number
            try:
                if "rq" in (asked := json.loads(data)):
                    told = {"re": asked["rq"]}
                    await self.publish(told | (self.answer and await self.answer(asked) or {"err": "unknown request " + asked["ot"]}))
            except Exception as error: await self.publish(told | {"err": f"{type(error).__name__}: {str(error)[:200]}"})
            self.client.accepted += session == self.client.session
            self.step()
    def step(self, does=lambda now: None) -> None:  # … to the client, and what that has to say then leaves
        if self.timer: self.timer.cancel()
        if not self.writer: return
        now = time.monotonic() * 1000
        try:
            does(now)
            self.writer.write(self.client.output(now))
            self.timer = asyncio.get_running_loop().call_later((self.client.due - now) / 1000, self.step)
        except (Fault, ValueError, LookupError, TypeError) as fault:  # all but the first: no hello of a gateway
            self.writer.write(self.client.fail(*fault.args if isinstance(fault, Fault) else ("HELLO_INVALID", True)))
            self.writer.transport.abort()  # close() would wait for a dead line
    async def live(self) -> None:
        """Connects anew: at once if it was of use, or was the first that was not, else later and later (3.5)."""
        while True:
            try:
                reader, self.writer = await asyncio.wait_for(asyncio.open_connection(*self.address, ssl=self.ssl), 5)
                self.step(self.client.connect)
                while data := await reader.read(65536):
                    self.step(lambda now: self.client.receive(data, now))
                    self.moved.set()
                self.writer.close()
            except (OSError, asyncio.TimeoutError): pass
            is_useful = self.writer and self.client.is_greeted and self.client.acked_here
            self.idle = 1 if is_useful else max(self.idle + 1, 1 if self.writer else 3)
            self.writer, longest = None, 30 if self.client.is_greeted else 3
            self.moved.set()
            if self.idle > 2: await asyncio.sleep(min(0.5 * 2 ** min(self.idle - 3, 9), longest) * random.uniform(0.75, 1.25))
    async def __aexit__(self, error, *_) -> None:
        """All that was accepted is acknowledged first, however long that takes; an exception, as Ctrl-C is, does not wait."""
        while self.client.held and not error: self.moved.clear(); await self.moved.wait()
        if self.writer and self.client.is_open:
            self.writer.write(CLOSE)
            self.client.is_open = False  # nothing more leaves; the answer, or time, ends the connection (D16)
            while self.writer: self.moved.clear(); await self.moved.wait()
        for task in self.tasks: task.cancel()
