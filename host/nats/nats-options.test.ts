/** Who a gateway says it is, of the files that its settings name. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { folderForEach } from "../testing/folders.ts";
import { type Authenticators, natsOptions } from "./nats-options.ts";
import { NatsOperator } from "./testing/nats-operator.ts";

const folder = folderForEach("nats-options");

/** Tells what it was made of. */
const library = {
  credsAuthenticator: (bytes: Uint8Array) => `creds ${new TextDecoder().decode(bytes)}`,
  nkeyAuthenticator: (bytes: Uint8Array) => `nkey ${new TextDecoder().decode(bytes)}`,
} as unknown as Authenticators;

function options(settings: object) {
  const { nats } = configSchema.parse({ nats: { servers: ["nats://h:1"], ...settings } });
  return natsOptions(nats, "gw-1");
}

function file(text: string, mode = 0o600): string {
  const path = join(folder(), "secret");
  writeFileSync(path, text, { mode });
  return path;
}

test("a user with the password, a token or a seed of their files, without the line break", () => {
  const path = file("s3cret\n");
  expect(options({ user: "u", passwordFile: path })(library)).toMatchObject({ user: "u", pass: "s3cret" });
  expect(options({ tokenFile: path })(library)).toMatchObject({ token: "s3cret" });
  const seed = `SU${"A".repeat(56)}`;
  expect(options({ nkeyFile: file(`${seed}\n`) })(library)).toMatchObject({ authenticator: `nkey ${seed}` });
});

test("credentials with the line break that the library wants, also of a file without one at its end", () => {
  const text = new NatsOperator().credentials().text.trim();
  expect(options({ credsFile: file(text) })(library)).toMatchObject({ authenticator: `creds ${text}\n` });
});

test("credentials that are none are refused, with what makes some and without what they hold", () => {
  const path = file("-----BEGIN NATS USER JWT-----\nSUADMIN\n------END NATS USER JWT------\n");
  const refused = expect.objectContaining({
    ...{ code: "FILE_UNREADABLE", mend: expect.stringContaining(`--output-file ${path}`) },
    message: expect.not.stringContaining("SUADMIN"),
  });
  expect(() => options({ credsFile: path })).toThrow(refused);
});

test("a seed that is none is refused, with what makes one and without what it holds", () => {
  const path = file("SUADMIN\n");
  const refused = expect.objectContaining({
    ...{ code: "FILE_UNREADABLE", mend: `nk -gen user > ${path}` },
    message: expect.not.stringContaining("SUADMIN"),
  });
  expect(() => options({ nkeyFile: path })).toThrow(refused);
});

test("what was renewed in a file counts from the next connection on", () => {
  const made = options({ tokenFile: file("one") });
  expect(made(library)).toMatchObject({ token: "one" });
  const path = file("two");
  expect(made(library)).toMatchObject({ token: "two" });
  rmSync(path);
  expect(() => made(library)).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("nobody in particular, in the clear, unless the address says tls", () => {
  const plain = options({})(library);
  expect(plain).toMatchObject({ servers: ["nats://h:1"], name: "bowline gw-1", reconnect: false, tls: null });
  expect(Object.keys(plain).filter((key) => /user|pass|token|authenticator/.test(key))).toEqual([]);
  expect(options({ servers: ["tls://h:1"] })(library)).toMatchObject({ servers: ["nats://h:1"], tls: {} });
});

test.each(["tokenFile", "credsFile", "nkeyFile"])(
  "a %s that others may read is refused with its mend",
  (key) => {
    const path = file("s", 0o644);
    expect(() => options({ [key]: path })).toThrow(
      expect.objectContaining({ code: "KEY_EXPOSED", mend: `chmod 600 ${path}` }),
    );
  },
);
