"""What a component has of its config.json: settings, checked value by value, and the log that they name."""
import argparse, json, re, ssl, sys
from datetime import datetime, timezone

CREATOR = re.compile("[^:\x00-\x1f\x7f\ud800-\udfff]+")  # what a tag can carry
MOST_CREATOR_BYTES = 255

def read_config(name):
    """Component `name`, or the only one, of the file that -f names. What is wrong is told, all of it, and ends the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-f", "--config-file", default="config.json", metavar="FILE", help="its configuration (config.json)")
    path = parser.parse_args().config_file
    try:
        with open(path, encoding="utf-8-sig") as file: config = Config(json.load(file), name)
    except (OSError, ValueError, RecursionError) as fault:
        sys.exit(f"reading {path}: {type(fault).__name__}: {fault}")
    if config.faults: sys.exit("\n".join(f"reading {path}: {fault}" for fault in config.faults))
    return config

class Config:
    """`own` is all that stands under the component's name, `places` the (host, port) of each socket, by what it is called."""

    def __init__(self, root, name):
        self.root, self.faults, self.places = root, [], {}
        names = list(self.section("params"))
        self.name = names[0] if name is None and len(names) == 1 else name
        if self.name in names: self.read_own(("params", self.name))
        elif name: self.fault(("params", name), ", ".join(names) or "an object")
        else: self.faults.append(f"params: run(work) names none of them; allowed run(work, NAME), of {', '.join(names)}")

    def read_own(self, own):
        self.own = self.section(*own)
        self.creator = self.check((*own, "creator"), is_creator, "text without a colon")
        self.frequency = self.check((*own, "frequency"), is_frequency, "a number of ms above 0", 60000)
        self.logfile = self.check((*own, "logfile"), is_text, "the name of a file", "")
        for side in ("scheduler-in", "scheduler-out"):
            for called, port in ((side, "comport"), (f"{side}, technical", "techport")):
                self.place(called, ("deploy", "monique", side, "host"), ("deploy", "monique", side, port))
        if "port" in self.own: self.place("controller", ("deploy", "monique", "controller", "host"), (*own, "port"))
        self.tls = self.secured(("deploy", "monique", "tls"))

    def place(self, called, host, port):
        self.places[called] = self.check(host, is_text, "text"), self.check(port, is_port, "a whole number from 1 to 65535")

    def secured(self, path):
        """{"ca", "cert", "key"} -> an SSLContext; None -> None."""
        if self.value(path) is None: return None
        tls = self.section(*path)
        for key in ("ca", "cert", "key"): self.check((*path, key), is_text, "the name of a file", "")
        if ("cert" in tls) != ("key" in tls): self.fault(path, "cert and key together, or neither")
        if self.faults: return None
        try:
            context = ssl.create_default_context(cafile=tls.get("ca"))
            if tls.get("cert"): context.load_cert_chain(tls["cert"], tls["key"])
            return context
        except OSError as fault: self.faults.append(f"{'.'.join(path)}: {fault}")

    def log(self, text):
        """One line a change of state, to stderr and to `logfile`: a full disk must not end the technical layer."""
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = f"[{now} : {self.name}] {text}\n"
        try: sys.stderr.write(line)
        except OSError: pass  # nobody reads it, so there is nobody to tell
        if self.logfile == "": return
        try:
            with open(self.logfile, "a", encoding="utf8", errors="backslashreplace") as file: file.write(line)
        except OSError as fault:
            name, self.logfile = self.logfile, ""  # told once
            self.log(f"writing {name}: {fault}")

    def value(self, path):
        value = self.root
        for key in path: value = value.get(key) if isinstance(value, dict) else None
        return value

    def section(self, *path):
        value = self.value(path)
        if isinstance(value, dict): return value
        self.fault(path, "an object")
        return {}

    def check(self, path, is_allowed, allowed, absent=None):
        """-> what stands there; `absent` when that is nothing, and may be."""
        value = self.value(path)
        if value is None and absent is not None: return absent
        if not is_allowed(value): self.fault(path, allowed)
        return value

    def fault(self, path, allowed):
        value = self.value(path)
        kinds = {type(None): "it is not there", dict: "an object", list: "a list"}
        said = f"{'.'.join(path)}: {kinds.get(type(value)) or json.dumps(value)}; allowed {allowed}"
        if said not in self.faults: self.faults.append(said)

def is_text(value):
    return isinstance(value, str) and value != ""

def is_creator(value):
    return isinstance(value, str) and CREATOR.fullmatch(value) is not None and len(value.encode()) <= MOST_CREATOR_BYTES

def is_frequency(value):
    return type(value) in (int, float) and 0 < value < 2 ** 31  # what a timer of Node can wait, so that files fit both

def is_port(value):
    return type(value) is int and 0 < value < 65536
