"""MoniQue components in Python (3.10 or newer), with its standard library alone.

    from bowlinecomp import run
    def work(inbox, out, note):
        for m in inbox("example_simple"):
            note(f"processed {m.id}"); out(m.reply(data=m.data))
    run(work)

Your file runs twice. The process that you start is the technical layer: it says every `frequency` ms that all is well, hears
what is to be killed, and has all sockets and what has arrived. It starts the second, which runs work() and nothing else: a
kill ends that one whatever it is doing, and work() begins anew. No other message is lost by it (MoniQue LAY5, KILL3, KILL4).
"""
import json, os, signal, subprocess, sys, threading, time, traceback
from multiprocessing.connection import Connection, Pipe
from moniqueconfig import read_config
from moniquewire import Message, Socket

MARK = 1000  # messages that wait for work()
GRACE_S = 0.5  # to end by itself when told to
CALM_S, MOST_WAIT_S = 10, 30  # a start that went so well is not held against the next; between two starts
LINGER_S = 1  # at the end, for what is not sent yet
FROM_CONTROLLER, CHILD = b"controller:", "BOWLINE_COMPONENT_PIPE"

def run(work, name=None):
    """Runs work(inbox, out, note) as component `name`; without one, as the only one of the configuration's `params`."""
    if CHILD in os.environ: do_work(work, Connection(int(os.environ.pop(CHILD))))
    for sign, end in ((signal.SIGTERM, 0), (signal.SIGINT, 130)): signal.signal(sign, lambda *_, end=end: sys.exit(end))
    Technical(read_config(name)).live()

def do_work(work, pipe):
    """The second process; never returns. What work() is given is for one thread."""
    def inbox(*wanted):
        """Asks for messages at once: "example_simple" for its tasks, "result:example_simple", "controller", "" for all."""
        if "controller" in wanted and "port" not in inbox.config:
            raise ValueError(f'inbox("controller"): no params.{name}.port in the configuration')
        topics = tuple(map(topic_of, wanted))
        pipe.send(("subscribe", topics))
        def messages():
            while True:
                pipe.send(("next", topics))
                yield pipe.recv()
        return messages()
    def out(message):
        if not isinstance(message, Message): raise TypeError(f"out(): {type(message).__name__}; allowed a Message")
        message.creator = inbox.config["creator"]
        pipe.send(("out", message.parts()))  # as bytes: what cannot be sent is raised where the author sent it
        return message
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    (name, inbox.config), fault = pipe.recv(), ""  # of config.json: its own params
    try: work(inbox, out, lambda text: pipe.send(("note", str(text))))
    except Exception as error:
        traceback.print_exc()
        fault = f"{type(error).__name__}: {error}"[:4000]
    pipe.send(("end", fault))
    sys.exit(0)

def end_with(parent):
    """Who computes hears of nothing: nor that the process which started it is no more."""
    while os.getppid() == parent: time.sleep(1)
    os._exit(1)

def topic_of(wanted):
    if wanted in ("", "controller"): return FROM_CONTROLLER if wanted else b""
    return f"{wanted if ':' in wanted else 'config:' + wanted}:".encode()

class Technical:
    """The process that is started: sockets, heartbeats, kill, and what has arrived."""
    def __init__(self, config):
        self.config, self.name, self.creator = config, config.name, config.creator
        self.lock, self.inbox, self.held, self.want = threading.RLock(), [], {}, None
        self.text, self.is_alive, self.is_there = "", False, None
        self.away = dict.fromkeys(config.places)  # each socket: None at first, then why it is not there, "" when it is
        self.com = self.socket("PUSH", "scheduler-in")
        self.tech = self.socket("PUSH", "scheduler-in, technical")
        self.hub = self.socket("SUB", "scheduler-out", lambda parts: self.arrived(parts, b""))
        self.socket("SUB", "scheduler-out, technical", self.told).subscribe(b"config:kill:")
        if "controller" in config.places:  # its creator, so that the hub knows who is silent
            self.socket("PULL", "controller", lambda parts: self.arrived(parts, FROM_CONTROLLER), self.creator)

    def socket(self, kind, called, heard=None, creator=None):
        return Socket(kind, self.config.places[called], self.config.tls, lambda why: self.socket_is(called, why), heard, creator)

    def socket_is(self, called, why):
        """One line when all sockets are there, and when the first is not."""
        with self.lock:
            self.away[called] = why
            faults = [f"{one} {'%s:%d' % self.config.places[one]}: {why}" for one, why in self.away.items() if why]
            if self.is_there == (not faults) or not faults and None in self.away.values(): return
            self.is_there = not faults
        self.config.log(f"the hub is away: {'; '.join(faults)}" if faults else "the hub is there")

    def live(self):
        threading.Thread(target=self.beat, daemon=True).start()
        wait, fault = 0, None
        while fault != "":
            began, fault = time.monotonic(), self.once()
            wait = 0 if self.killed or time.monotonic() - began > CALM_S else min(2 * wait + 0.1, MOST_WAIT_S)
            if self.killed: self.config.log("the work was killed, and begins anew")
            elif fault: self.config.log(f"the work has failed: {fault}; it begins anew in {wait * 1000:.0f} ms")
            time.sleep(wait if fault else 0)
        end = time.monotonic() + LINGER_S
        while self.com.waiting and time.monotonic() < end: time.sleep(0.01)

    def once(self):
        """Runs work() once -> why it has ended; "" when it returned."""
        self.killed, what, value = None, "", ""
        self.begin()
        try:
            while what != "end":
                # A process that it started may have its end of the pipe, and outlive it.
                while not self.pipe.poll(1):
                    if self.child.poll() is not None and not self.pipe.poll(): raise EOFError
                what, value = self.pipe.recv()
                self.do(what, value)
        except (EOFError, OSError): what, value = "end", "its process ended"
        finally: self.end_child(self.child)
        self.answer_held(value)
        return value

    def begin(self):
        self.pipe, theirs = Pipe()
        with theirs:
            again, env = [sys.executable, *sys.orig_argv[1:]], {**os.environ, CHILD: str(theirs.fileno())}
            self.child = subprocess.Popen(again, env=env, pass_fds=[theirs.fileno()], start_new_session=True)
        self.pipe.send((self.name, self.config.own))
        self.text, self.is_alive = "", True

    def do(self, what, value):
        if what == "out": self.com.send(value)
        if what == "note": self.text = value
        if what == "subscribe": [self.hub.subscribe(topic) for topic in value if topic != FROM_CONTROLLER]
        if what == "next":
            with self.lock:
                self.held.pop(value, None)  # who asks for the next has done with the one before
                self.want = value
                self.feed()

    def say(self, message, socket=None):
        message.creator = self.creator
        (socket or self.com).send(message.parts())

    def arrived(self, parts, source):
        try: message = Message.of(parts)
        except ValueError as fault: return print(fault, file=sys.stderr)
        message.topic = source + parts[0]
        with self.lock:
            self.inbox.append(message)
            lost = self.inbox.pop(0) if len(self.inbox) > MARK else None
            self.feed()
        # Only a task is waited for; and who hears everything would hear this, too, and lose one more for it.
        if lost and lost.type == "config": self.say(lost.error(300, f"{MARK} other messages wait here"))

    def feed(self):
        found = next((one for one in self.inbox if self.want and one.topic.startswith(self.want)), None)
        if not found: return
        try: self.pipe.send(found)
        except OSError: return  # it has just ended; the next one is given it
        self.inbox.remove(found)
        self.held[self.want], self.want = found, None

    def told(self, parts):
        """A kill; "" and null are no ids, so they stop nothing (MoniQue KILL2)."""
        try: message = Message.of(parts)
        except ValueError as fault: return print(fault, file=sys.stderr)
        if (message.type, message.spec) != ("config", "kill") or not isinstance(message.data, dict): return
        task = message.data.get("task_id")
        with self.lock:
            waiting, child = [one for one in self.inbox if one.id == task], None
            self.inbox = [one for one in self.inbox if one.id != task]
            if any(one.id == task for one in self.held.values()): self.killed, child = task, self.child
        for one in waiting: self.say(one.error(301, "task killed"))
        if child: self.end_child(child)

    def end_child(self, child):
        """With all that it has started: its group. Two threads may be at it, and one of them has begun the next already."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                if self.child is child: os.killpg(child.pid, sign)
                child.wait(GRACE_S)
            except (ProcessLookupError, subprocess.TimeoutExpired): pass

    def answer_held(self, fault):
        """What was killed is said to be; the others are given again, unless one of them ended work(): that had no end."""
        with self.lock:
            self.is_alive, self.want = False, None
            self.text = f"The work is down: {fault}" if fault and not self.killed else ""
            held, self.held = list(self.held.values()), {}
            if self.killed: self.inbox = [one for one in held if one.id != self.killed] + self.inbox
        ended = [one for one in held if one.id == self.killed] if self.killed else held if fault else []
        for one in ended: self.say(one.error(301, "task killed") if self.killed else one.error(500, fault))
        if fault and not held: self.say(Message("error", {"code": 500, "message": fault}, "error"))

    def beat(self):
        """MoniQue MON1 to MON3: the spacing is the original's."""
        while True:
            time.sleep(self.config.frequency / 1000)
            facts = [json.dumps(fact) for fact in (int(time.time() * 1000), self.name, self.is_alive, self.text)]
            text = '{ "sync_time" : %s, "name" : %s, "is_alive" : %s, "message" : %s}' % tuple(facts)
            message = Message("monitoring", None, "data", raw=text.encode())
            if not self.tech.waiting: self.say(message, self.tech)  # a hub that was away needs the newest alone
