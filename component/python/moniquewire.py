"""Messages of MoniQue as bytes, and ZMTP 3.0 sockets that carry them: what bowlinecomp.py stands on."""
import json, random, secrets, select, socket, string, struct, threading, time
from collections import deque

MARK, LARGEST = 1000, 4 << 20  # messages that wait to be sent, as ZeroMQ has it; bytes of one, as our hub has it
MOST_BYTES = 64 << 20  # of a frame: what says more is no message
HANDSHAKE_S = 5

# First byte -> how the number, or the size, behind it is written: bin 8 to 32, floats and integers, str, array, map.
FORMS = dict(zip((*range(0xC4, 0xC7), *range(0xCA, 0xD4), *range(0xD9, 0xE0)), [f">{c}" for c in "BHIfdBHIQbhiqBHIHIHI"]))
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error)  # what reading raises
ALONE = {0xC0: None, 0xC2: False, 0xC3: True}

def pack(v):
    """One value as MessagePack."""
    for code, one in ALONE.items():
        if v is one: return bytes([code])
    if isinstance(v, float): return struct.pack(">Bd", 0xCB, v)
    if isinstance(v, int):
        if 0 <= v < 128: return bytes([v])
        return struct.pack(">BQ", 0xCF, v) if v > 0 else struct.pack(">Bq", 0xD3, v)
    if isinstance(v, bytes): return head(len(v), 0, 0, 0xC4, 0xC5, 0xC6) + v
    if isinstance(v, str):
        text = v.encode("utf8", "surrogateescape")
        return head(len(text), 0xA0, 32, 0xD9, 0xDA, 0xDB) + text
    if isinstance(v, dict):
        return head(len(v), 0x80, 16, 0xDE, 0xDF) + b"".join(pack(one) for pair in v.items() for one in pair)
    return head(len(v), 0x90, 16, 0xDC, 0xDD) + b"".join(map(pack, v))

def head(n, fixed, below, *codes):
    """The size n: within the first byte, or behind the smallest of `codes` that has room."""
    if n < below: return bytes([fixed | n])
    code = next(one for one in codes if n < 256 ** struct.calcsize(FORMS[one]))
    return bytes([code]) + struct.pack(FORMS[code], n)

def unpack(b, at=0):
    """-> the value that begins there, and where it ends; raises for what is cut or is not MessagePack."""
    code, at = b[at], at + 1
    form = FORMS.get(code, "")
    if code in ALONE: return ALONE[code], at
    if code < 0x80 or code >= 0xE0: return (code if code < 0x80 else code - 256), at
    if code >= 0xC0 and not form: raise ValueError(f"no message has MessagePack {code:02x}")
    n = struct.unpack_from(form, b, at)[0] if form else code & (31 if code >= 0xA0 else 15)
    at += struct.calcsize(form)
    if 0xCA <= code < 0xD4: return n, at
    if 0xA0 <= code < 0xDC:
        if at + n > len(b): raise ValueError(f"{n} bytes begin at {at} and end at {len(b)}")
        some = b[at:at + n]
        return (some if 0xC4 <= code <= 0xC6 else some.decode("utf8", "surrogateescape")), at + n
    each = 2 if code < 0x90 or code >= 0xDE else 1
    values = []
    for _ in range(n * each):
        value, at = unpack(b, at)
        values.append(value)
    return (dict(zip(values[::2], values[1::2])) if each == 2 else values), at

class Message:
    """`data` is the value, `raw` its bytes as they travel; the other fields as MoniQue names them."""

    FIELDS = ("id", "pid", "creator", "created_at", "expires_at", "spec", "encoding", "type")

    def __init__(self, spec, data, type="config", pid="", expires_at=0, encoding="JSON", raw=None):
        self.id = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))
        self.pid, self.creator = pid, ""
        self.created_at, self.expires_at = int(time.time() * 1000), expires_at
        self.spec, self.type, self.encoding, self.data = spec, type, encoding, data
        self.raw = raw or (json.dumps(data).encode() if encoding == "JSON" else pack(data))

    def reply(self, data, type="result", encoding=None):
        return Message(self.spec, data, type, self.id, encoding=encoding or self.encoding)

    def error(self, code, message):
        return self.reply({"code": code, "message": message}, "error", "JSON")

    def parts(self):
        """-> tag, body"""
        tag = ":".join((self.type, self.spec, self.id, self.pid, self.creator))
        fields = {name: getattr(self, name) for name in self.FIELDS}
        parts = tag.encode(), pack({**fields, "data": self.raw})
        size = sum(map(len, parts))
        if size > LARGEST: raise ValueError(f"message of {self.spec}: {size} bytes; allowed are {LARGEST}")
        return parts

    @staticmethod
    def of(parts):
        """Raises ValueError for what is no message."""
        try: return Message.read(*parts)
        except BROKEN as fault: raise ValueError(f"no message: {fault!r}") from fault

    @staticmethod
    def read(tag, body):
        fields, it = unpack(body)[0], Message("", None)
        for name in Message.FIELDS: setattr(it, name, fields[name])
        if tag.decode().split(":") != [it.type, it.spec, it.id, it.pid, it.creator]:
            raise ValueError(f"no message: its body says otherwise than {tag!r}")
        raw = fields["data"]
        it.raw = raw.encode("utf8", "surrogateescape") if isinstance(raw, str) else bytes(raw)
        it.data = it.value()
        return it

    def value(self):
        """Some name the wrong encoding, so the other one is tried, too; bytes that are neither stay bytes."""
        readers = [json.loads, lambda raw: unpack(raw)[0]]
        for read in readers if self.encoding == "JSON" else reversed(readers):
            try: return read(self.raw)
            except BROKEN: continue
        return self.raw

class Socket:
    """
    One connection of a PUSH, SUB or PULL socket, made again whenever it ends. `heard(parts)`, `is_now(why)` and all else of it is
    in one thread: TLS allows no second. is_now("") is that it is there, else why it is not, at each attempt.
    """

    def __init__(self, kind, address, tls, is_now, heard=None, creator=None):
        self.address, self.tls, self.is_now, self.heard = address, tls, is_now, heard
        self.told_of = fact(b"Socket-Type", kind.encode()) + (fact(b"X-Bowline-Creator", creator.encode()) if creator else b"")
        self.topics, self.waiting = [], deque()
        self.woken, self.waker = socket.socketpair()
        threading.Thread(target=self.keep, daemon=True).start()

    def send(self, parts):
        """Waits while MARK others do."""
        while len(self.waiting) >= MARK: time.sleep(0.01)
        self.waiting.append(frame(1, parts[0]) + frame(0, parts[1]))
        self.waker.send(b"!")

    def subscribe(self, topic):
        if topic not in self.topics: self.topics.append(topic)
        self.waker.send(b"!")

    def keep(self):
        wait = 0.05
        while True:
            began = time.monotonic()
            try: self.talk()
            except (OSError, ValueError) as fault: self.is_now(str(fault) or type(fault).__name__)
            wait = 0.05 if time.monotonic() - began > 1 else min(wait * 2, 5)
            time.sleep(wait * random.uniform(0.5, 1))

    def talk(self):
        with socket.create_connection(self.address, HANDSHAKE_S) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self.link = self.tls.wrap_socket(plain, server_hostname=self.address[0]) if self.tls else plain
            self.got, self.told, self.is_ready = bytearray(), 0, False
            self.link.sendall(b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + frame(4, b"\5READY" + self.told_of))
            hello = self.take(64)
            if hello[0] != 0xFF or hello[9:11] != b"\x7f\3" or hello[12:17] != b"NULL\0":
                raise ValueError(f"no ZMTP 3 with NULL: {hello!r}")
            self.read_frames()

    def read_frames(self):
        parts = []
        while True:
            flags = self.take(1)[0]
            size = struct.unpack(">Q", self.take(8))[0] if flags & 2 else self.take(1)[0]
            if size > MOST_BYTES: raise ValueError(f"a frame of {size} bytes; at most {MOST_BYTES}")
            body = self.take(size)
            if flags & 4:
                if not self.is_ready and body.startswith(b"\5READY"):
                    self.is_ready = True
                    self.is_now("")
                self.link.settimeout(None)
                continue
            parts.append(body)
            if not flags & 1:
                self.heard(parts)
                parts = []

    def take(self, n):
        """The next n bytes; what is to be written is written while they are waited for."""
        while len(self.got) < n:
            if self.is_ready: self.write()
            readable = select.select([self.link, self.woken], [], [], None if self.is_ready else HANDSHAKE_S)[0]
            if self.woken in readable: self.woken.recv(4096)
            if self.link in readable:
                some = self.link.recv(1 << 16)
                if some == b"": raise OSError("the hub has ended it")
                self.got += some
            elif not readable:
                raise OSError("the hub says nothing")
        some = bytes(self.got[:n])
        del self.got[:n]
        return some

    def write(self):
        while self.told < len(self.topics):
            self.link.sendall(frame(0, b"\1" + self.topics[self.told]))
            self.told += 1
        while self.waiting:
            self.link.sendall(self.waiting[0])
            self.waiting.popleft()

def fact(name, value):
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value

def frame(flags, body):
    if len(body) > 255: return struct.pack(">BQ", flags | 2, len(body)) + body
    return bytes([flags, len(body)]) + body
