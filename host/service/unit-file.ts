/** The unit of the gateway for systemd: the least that it needs, and a start again for ever (users 10, 21, 22). */

/** Who wrote it, in its first line: only such a file is written over, or taken away. */
export const UNIT_MARK = "# Made by `bowline install`.";

export const SERVICE_USER = "bowline";

/** What the kernel calls the drivers of serial ports (/proc/devices), and the modules that bring those that may come later. */
const ttys = ["ttyACM", "ttyUSB", "ttyAMA", "ttyS", "pts"];
const modules = ["cdc_acm", "usbserial"];

export interface UnitOptions {
  /** The command and its first arguments, absolute: `/usr/bin/bowline`. */
  program: readonly string[];
  /** The configuration, absolute. */
  config: string;
  /** To which the serial ports belong. */
  group: string;
}

export function unitFile({ program, config, group }: UnitOptions): string {
  const loaded = modules.map((name) => `modprobe@${name}.service`).join(" ");
  return `${UNIT_MARK} Changes of yours: sudo systemctl edit bowline
[Unit]
Description=Bowline, a gateway for microcontrollers
Documentation=man:bowline(1)
# What DeviceAllow= names is looked up once, at the start: drivers that come with the first board would be missed.
Wants=${loaded}
After=network.target ${loaded}
# Started again for ever, not five times in ten seconds.
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify is a process of its own.
NotifyAccess=all
ExecStart=${[...program, "up", "--quiet", "--config", config].map(quoted).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
# 2: the configuration is refused, which no new start mends. 130: stopped while it started.
RestartPreventExitStatus=2
SuccessExitStatus=130
WatchdogSec=30
TimeoutStartSec=300
# The gateway ends within 16 s, whatever hangs.
TimeoutStopSec=25
KillMode=mixed
User=${SERVICE_USER}
Group=${SERVICE_USER}
SupplementaryGroups=${group}
StateDirectory=bowline
StateDirectoryMode=0700
WorkingDirectory=/var/lib/bowline
UMask=0077
LimitNOFILE=65536

# Serial ports, and no other device. PrivateDevices= would hide them.
DevicePolicy=closed
${ttys.map((name) => `DeviceAllow=char-${name} rw`).join("\n")}

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
KeyringMode=private
LockPersonality=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# AF_NETLINK: the names of the network's interfaces.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute=: V8 compiles while it runs, and writes what it then executes.

[Install]
WantedBy=multi-user.target
`;
}

/** As ExecStart= reads it: no specifier, no variable, no word that ends early. */
function quoted(word: string): string {
  const text = word.replace(/%/g, "%%").replace(/\$/g, "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
