/** Settings of the section nats that do not fit each other. */
import { expect, test } from "vitest";
import { configSchema } from "./schema.ts";

const faults = (nats: object) =>
  (configSchema.safeParse({ nats: { servers: ["nats://nats-1"], ...nats } }).error?.issues ?? []).map(
    ({ message }) => message,
  );

test("what is wanted of a stream has servers, unless the section is off", () => {
  expect(faults({ servers: [], create: { enabled: true } })).toEqual([
    "nats.create.enabled: nats.servers is missing; without servers messages are handed to no stream",
  ]);
  expect(faults({ servers: [], credsFile: "c" })).toHaveLength(1);
  expect(faults({ servers: [], enabled: false, credsFile: "c" })).toEqual([]);
  expect(faults({ servers: [] })).toEqual([]);
});

test("a user has a password, and a password is somebody's", () => {
  expect(faults({ user: "u", passwordFile: "p" })).toEqual([]);
  expect(faults({ user: "u" })).toEqual(["nats.user: nats.passwordFile is missing; they go together"]);
  expect(faults({ passwordFile: "p" })).toEqual([
    "nats.passwordFile: nats.user is missing; they go together",
  ]);
});

test("one thing says who this gateway is", () => {
  expect(faults({ credsFile: "c" })).toEqual([]);
  expect(faults({ tokenFile: "t", nkeyFile: "n" })).toEqual([
    "nats.nkeyFile: nats.tokenFile is set as well; allowed: one of them",
  ]);
});

test("a certificate has its key", () => {
  expect(faults({ tls: { ca: "a", cert: "c", key: "k" } })).toEqual([]);
  expect(faults({ tls: { key: "k" } })).toEqual(["nats.tls: cert is missing; a certificate needs its key"]);
});

test.each([
  "nats-1:4222",
  "http://nats-1",
  "ws://nats-1:80",
  "wss://nats-1",
  "nats://u:secret@nats-1:4222",
  "nats://nats-1/x",
])("%s is no address of a server", (server) => expect(faults({ servers: [server] })).toHaveLength(1));
