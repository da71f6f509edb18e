/** What went wrong with a stream, in words for people: what was seen, and what may mend it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { folderForEach } from "../testing/folders.ts";
import { credentialsEnd } from "./credentials.ts";
import { ApiCode, faultOf } from "./fault.ts";

const folder = folderForEach("nats-fault");
const settingsOf = (given: object = {}) =>
  configSchema.parse({ nats: { servers: ["nats://h:1"], stream: "BOWLINE", ...given } }).nats;

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const api = (code: number, message: string) => named("JetStreamApiError", message, { code });
/** What the server said, within what came of it. */
const within = (cause: Error) => new Error("closed", { cause });

test.each([
  [
    "the stream is gone",
    api(ApiCode.streamMissing, "stream not found"),
    /no stream BOWLINE/,
    /^nats stream add/,
  ],
  [
    "replicas of one server",
    api(ApiCode.replicasOfOne, "replicas > 1"),
    /replicas > 1/,
    /create\.replicas: 1/,
  ],
  ["another answer of JetStream", api(10_077, "maximum bytes"), /maximum bytes/, /^nats stream info BOWLINE/],
  [
    "a server without JetStream",
    named("JetStreamNotEnabled", "x"),
    /no JetStream answers/,
    /^nats-server -js/,
  ],
  ["nobody who answers", within(named("NoRespondersError", "x")), /no JetStream answers/, /^nats-server -js/],
  ["no right to publish", named("PermissionViolationError", "denied"), /denied/, /^let it publish/],
  [
    "a server without TLS",
    new Error("server does not support 'tls'"),
    /support 'tls'/,
    /^nats:\/\/ in place/,
  ],
  ["an answer that does not come", named("TimeoutError", "x"), /no answer within 5 s/, /^systemctl status/],
  ["what nobody thought of", new Error("odd"), /^reading: odd$/, /^systemctl status/],
  ["an error without words", new Error(""), /^reading: Error$/, /^systemctl status/],
  ["what is no error", "gone", /^reading: gone$/, /^systemctl status/],
])("%s", (_, error, message, mend) => {
  const fault = faultOf("reading", error, settingsOf({ timeoutS: 5 }));
  expect(fault.message).toMatch(message);
  expect(fault.mend).toMatch(mend);
  expect(faultOf("again", fault, settingsOf())).toBe(fault);
});

test("a key that is none is looked for in the file that holds it", () => {
  const error = new Error("nkeys: bad checksum");
  const of = (given: object) => faultOf("connecting", error, settingsOf(given));
  expect(of({ credsFile: "/etc/gw.creds" })).toMatchObject({
    message: "connecting: nkeys: bad checksum, in nats.credsFile",
    mend: "nsc generate creds --account ACCOUNT --name USER --output-file /etc/gw.creds",
  });
  expect(of({ nkeyFile: "/etc/gw.nk" })).toMatchObject({
    message: "connecting: nkeys: bad checksum, in nats.nkeyFile",
    mend: "nk -gen user > /etc/gw.nk",
  });
});

function credentials(claims: string): string {
  const jwt = `x.${Buffer.from(claims).toString("base64url")}.y`;
  return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n`;
}

test("who is not let in is told until when the credentials were good, as far as their file says it", () => {
  const path = join(folder(), "gw.creds");
  const refused = named("AuthorizationError", "authorization violation");
  const told = () => faultOf("connecting", refused, settingsOf({ credsFile: path })).message;
  expect(told()).toMatch(/gw\.creds were revoked, or/);
  writeFileSync(path, credentials('{"exp":1000}'));
  expect(told()).toMatch(/gw\.creds expired 1970-01-01T00:16:40\.000Z$/);
  writeFileSync(path, credentials('{"exp":32503680000}'));
  expect(told()).toMatch(/gw\.creds, good until 3000-01-01T00:00:00\.000Z, were revoked, or/);
  expect(faultOf("connecting", refused, settingsOf()).mend).toMatch(/^nats\.user and nats\.passwordFile/);
});

test.each([
  ["a time", credentials('{"exp":1700000000}'), 1_700_000_000_000],
  ["no time", credentials("{}"), null],
  ["0, which is never", credentials('{"exp":0}'), null],
  ["a time in words", credentials('{"exp":"tomorrow"}'), null],
  ["claims that are none", credentials("nothing"), null],
  ["no JWT at all", "SU…", null],
])("credentials with %s", (_, text, end) => expect(credentialsEnd(text)).toBe(end));
