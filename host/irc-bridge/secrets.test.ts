/** What the section irc names in files: read when others may not, told when it cannot be used. */
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { publicHexOf } from "../irc-iot/signing.ts";
import { folderForEach } from "../testing/folders.ts";
import { networksOf } from "./route-settings.ts";
import { checkIrcFiles, edgeSettings, signingKey } from "./secrets.ts";

const folder = folderForEach("irc-secrets");
const parse = (irc: object) => configSchema.parse({ irc }).irc;

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder(), name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("passwords and keys of channels are read, without the end of their line", () => {
  const irc = parse({
    ...{ host: "irc.example", nick: "gw", channels: ["#lab", "#open"], passwordFile: file("p", "server\n") },
    sasl: { user: "gw", passwordFile: file("s", "login\n") },
    channelKeys: [{ channel: "#lab", keyFile: file("k", "sesame\n") }],
  });
  const [network] = networksOf(irc, "kitchen");
  expect(edgeSettings(network, irc, () => 0)).toMatchObject({
    ...{ name: "irc.example", nick: "gw", tls: {}, password: "server", flood: { burst: 5, perS: 0.5 } },
    sasl: { mechanism: "PLAIN", user: "gw", password: "login" },
    channels: [{ name: "#lab", key: "sesame" }, { name: "#open" }],
  });
});

test.each([
  ["that others may read", () => file("p", "hush", 0o644), "KEY_EXPOSED", 4],
  ["that is not there", () => join(folder(), "none"), "FILE_UNREADABLE", 3],
])("a file %s is told before anything starts, without what is in it", (_, make, code, exitCode) => {
  const irc = parse({ host: "h", passwordFile: make() });
  const check = () => checkIrcFiles(irc, "kitchen");
  expect(check).toThrow(expect.objectContaining({ code, exitCode }));
  expect(check).not.toThrow("hush");
});

test("a file that is missing is told by the name of its setting", () => {
  const none = join(folder(), "none");
  const check = (irc: object) => () =>
    checkIrcFiles(parse({ host: "h", channels: ["#a"], ...irc }), "kitchen");
  expect(check({ tls: { ca: none } })).toThrow(`irc.tls.ca: reading ${none}: no such file`);
  expect(check({ channelKeys: [{ channel: "#a", keyFile: none }] })).toThrow("irc.channelKeys.0.keyFile:");
  const second = [
    { host: "a", enabled: false },
    { host: "b", sasl: { user: "u", passwordFile: none } },
  ];
  expect(check({ networks: second })).toThrow("irc.networks.1.sasl.passwordFile:");
});

test("the mend of a key that is none leaves what is in the file", () => {
  const keyFile = file("deed", "-----BEGIN something that is dear to somebody");
  const check = () => checkIrcFiles(parse({ sign: { enabled: true, keyFile } }), "kitchen");
  const mend = `(umask 077; openssl genpkey -algorithm ed25519 > ${keyFile}.new), and irc.sign.keyFile: ${keyFile}.new`;
  expect(check).toThrow(expect.objectContaining({ code: "KEY_INVALID", mend }));
});

test("the key we sign with is made at the first start, for its owner alone, and stays", async () => {
  const irc = parse({ sign: { enabled: true } });
  const first = await signingKey(irc, folder());
  expect(statSync(join(folder(), "irc-key.pem")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder(), "irc-key.pem"), "utf8")).toContain("PRIVATE KEY");
  const again = await signingKey(irc, folder());
  expect(publicHexOf(again!)).toBe(publicHexOf(first!));
  expect(await signingKey(parse({}), folder())).toBeNull();
});

test("a key that is none of Ed25519 is refused", async () => {
  const irc = parse({ sign: { enabled: true, keyFile: file("key", "-----BEGIN nothing") } });
  await expect(signingKey(irc, folder())).rejects.toMatchObject({ code: "KEY_INVALID", exitCode: 2 });
});

test.each([
  ["kitchen", "kitchen"],
  ["pi-4.local", "pi-4-local"],
  ["4pi", "gw-4pi"],
  ["a-very-long-name-of-a-gateway", "a-very-long-nam"],
])("a gateway called %s without a nick is %s", (id, nick) => {
  expect(networksOf(parse({ host: "h" }), id)[0].nick).toBe(nick);
});

test("without a host, or disabled, there is no network; disabled ones of the list are left out", () => {
  expect(networksOf(parse({}), "g")).toEqual([]);
  expect(networksOf(parse({ host: "h", enabled: false }), "g")).toEqual([]);
  const networks = [
    { host: "a", enabled: false },
    { host: "b", name: "second" },
  ];
  expect(networksOf(parse({ host: "h", networks }), "g").map(({ name }) => name)).toEqual(["h", "second"]);
});

test("a certificate of ours is read with its key; the name that the server's has to have is kept", () => {
  const tls = { cert: file("c", "our certificate"), key: file("k", "our key\n"), servername: "irc.lab" };
  const irc = parse({ host: "127.0.0.1", tls });
  const [network] = networksOf(irc, "kitchen");
  expect(edgeSettings(network, irc, () => 0).tls).toEqual({
    ...{ cert: "our certificate", key: expect.stringContaining("our key"), servername: "irc.lab" },
  });
});

test("of a section that is disabled no file is read", () => {
  const none = join(folder(), "none");
  const irc = { host: "h", sealingKeyFile: none, sign: { enabled: true, keyFile: none } };
  expect(() => checkIrcFiles(parse({ ...irc, enabled: false }), "kitchen")).not.toThrow();
  expect(() => checkIrcFiles(parse(irc), "kitchen")).toThrow("irc.sealingKeyFile:");
});
