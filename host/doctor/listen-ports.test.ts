import { afterEach, expect, test } from "vitest";
import { removeFakeRoots } from "../transports/fake-root.ts";
import { checkListenPorts } from "./listen-ports.ts";
import { fakeMachine, told } from "./testing/fake-machine.ts";

afterEach(removeFakeRoots);

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
/** 127.0.0.1:9080 is listened on. */
const listening = `${header}   0: 0100007F:2378 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1\n`;
const noHub = { monique: { enabled: false } };
const onlyHttp = { tcp: { enabled: false }, ...noHub };

const toldOf = async (files: Record<string, string>, config: object = onlyHttp, uid = 1000) =>
  told(await checkListenPorts(await fakeMachine({ files, config, user: { name: "pi", uid, groups: [] } })));

test("both are free; one that is not used, or any, is not asked for", async () => {
  expect(await toldOf({}, noHub)).toEqual([
    "ok port 9080 is free (http.port)",
    "ok port 7700 is free (tcp.port)",
  ]);
  expect(await toldOf({}, { http: { port: 0 }, tcp: { enabled: false }, ...noHub })).toEqual([]);
});

test("that of other gateways only once one is configured", async () => {
  const off = { http: { enabled: false }, tcp: { enabled: false }, ...noHub };
  expect(await toldOf({}, { ...off, peers: { listen: { port: 12_002 } } })).toEqual([]);
  expect(await toldOf({}, { ...off, peers: { connect: [{ id: "42" }] } })).toEqual([
    "ok port 12002 is free (peers.listen.port)",
  ]);
});

test("those of the hub, of its workers and of monitoring", async () => {
  const off = { http: { enabled: false }, tcp: { enabled: false } };
  const monique = {
    controller: { example_clock: 10_000 },
    rest: { enabled: true },
    hub: { tech: { in: 0 } },
  };
  expect(await toldOf({}, { ...off, monique })).toEqual([
    "ok port 9000 is free (monique.hub.com.in)",
    "ok port 9001 is free (monique.hub.com.out)",
    "ok port 9025 is free (monique.hub.tech.out)",
    "ok port 10000 is free (monique.controller.example_clock)",
    "ok port 3000 is free (monique.rest.port)",
  ]);
  expect(await toldOf({}, { ...off, monique: { configFile: "config.json" } })).toEqual([]);
});

test("one of the hub that another program has goes elsewhere than to the hub's next", async () => {
  const other = { "proc/812/cmdline": "prometheus\0", "proc/812/fd/7": "-> socket:[4711]" };
  const off = { http: { enabled: false }, tcp: { enabled: false } };
  const monique = { hub: { com: { in: 9080, out: 9081 } } };
  expect((await toldOf({ "proc/net/tcp": listening, ...other }, { ...off, monique })).slice(0, 2)).toEqual([
    "FAIL port 9080 (monique.hub.com.in) is held by pid 812 (prometheus)",
    "-> bowline up --set monique.hub.com.in=9082",
  ]);
});

test("one that a gateway has is as it should be", async () => {
  const gateway = {
    "proc/900/cmdline": "/usr/bin/node\0/home/pi/bowline/dist/bowline.mjs\0up\0",
    "proc/900/fd/20": "-> socket:[4711]",
  };
  expect(await toldOf({ "proc/net/tcp": listening, ...gateway })).toEqual([
    "ok port 9080: a gateway runs, pid 900 (node bowline.mjs)",
  ]);
});

test("one that another program has", async () => {
  const other = { "proc/812/cmdline": "prometheus\0", "proc/812/fd/7": "-> socket:[4711]" };
  expect(await toldOf({ "proc/net/tcp": listening, ...other })).toEqual([
    "FAIL port 9080 (http.port) is held by pid 812 (prometheus)",
    "-> bowline up --set http.port=9081",
  ]);
});

test("one that a process has which we may not look into", async () => {
  expect(await toldOf({ "proc/net/tcp": listening })).toEqual([
    "warn port 9080 (http.port) is held by a process of another user, perhaps a gateway",
    "-> sudo ss -lntp 'sport = :9080'",
  ]);
});

test("one that another program has on another address is free", async () => {
  const elsewhere = { http: { host: "127.0.0.2" }, ...onlyHttp };
  expect(await toldOf({ "proc/net/tcp": listening }, elsewhere)).toEqual([
    "ok port 9080 is free (http.port)",
  ]);
});

test("one that takes a privilege, unless the kernel lets everyone have it", async () => {
  const low = { http: { port: 80 }, ...onlyHttp };
  expect(await toldOf({}, low)).toEqual([
    "FAIL port 80 (http.port) takes a privilege that pi has not",
    "-> bowline up --set http.port=8080",
  ]);
  const free = ["ok port 80 is free (http.port)"];
  expect(await toldOf({ "proc/sys/net/ipv4/ip_unprivileged_port_start": "0\n" }, low)).toEqual(free);
  expect(await toldOf({}, low, 0)).toEqual(free);
});
