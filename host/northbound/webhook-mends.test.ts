/** Webhooks whose server is away, is another, or leads elsewhere, each at a real socket: what may help is told. */
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { appendTo, openTestStore } from "../testing/stores.ts";
import type { UpstreamView } from "./upstream.ts";
import { Webhook } from "./webhook.ts";
import { mendOf } from "./webhook-mends.ts";

const folder = folderForEach("webhook-mends");
const stops = stopAfterEach();

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What is shown once it has tried. */
async function shown(url: string, settings: object = {}): Promise<UpstreamView> {
  const store = await openTestStore();
  stops.push(() => store.stop());
  await appendTo(store, "a", 1);
  const { webhooks } = configSchema.parse({ webhooks: [{ name: "home", from: "oldest", url, ...settings }] });
  const clock = { now: () => performance.now(), wall: () => 0 };
  const one = new Webhook(webhooks[0], "webhooks.0", { store, clock, log: silentLog });
  stops.push(() => one.stop(0));
  await one.load();
  one.start();
  await until(() => expect(one.view()).toMatchObject({ state: "away", fault: expect.stringMatching(/./) }));
  return one.view();
}

test("where no TLS is spoken, http:// is told", async () => {
  const port = await listen(createHttpServer((_, response) => response.end()));
  const { fault, mend } = await shown(`https://127.0.0.1:${port}/hook/secret`);
  expect(fault).toMatch(/^posting to https:\/\/127\.0\.0\.1:\d+\/hook\/…: \S.*\S$/);
  expect(mend).toBe(
    `webhooks[].url: http://127.0.0.1:${port} in place of https://, for no TLS is spoken there; or the port that has it`,
  );
});

test.skipIf(!isOpensslAvailable)(
  "where TLS is spoken, https:// is told; and of another authority, which",
  async () => {
    const none = createHttpsServer((_, response) => response.end());
    const bare = await shown(`https://127.0.0.1:${await listen(none)}/`);
    expect(bare.mend).toMatch(
      /^webhooks\[\]\.tls\.cert, webhooks\[\]\.tls\.key: as the server wants them; openssl s_client /,
    );
    const { cert, key } = new Authority(folder(), "authority").sign("127.0.0.1");
    const files = { cert: readFileSync(cert), key: readFileSync(key) };
    const server = createHttpsServer(files, (_, response) => response.end());
    const port = await listen(server);
    const plain = await shown(`http://127.0.0.1:${port}/`);
    expect(plain.mend).toMatch(
      /^webhooks\[\]\.url: https:\/\/ in place of http:\/\/, if TLS is spoken there; curl /,
    );
    const strange = await shown(`https://127.0.0.1:${port}/`);
    expect(strange.mend).toMatch(/^webhooks\[\]\.tls\.ca: the authority of its certificate; /);
  },
);

test("where nobody listens, its port is told with what asks for it; by a name of several addresses, too", async () => {
  const port = await freePort();
  for (const name of ["127.0.0.1", "localhost"]) {
    const { fault, mend } = await shown(`http://${name}:${port}/`);
    expect(fault).toContain("ECONNREFUSED");
    expect(mend).toBe(
      `webhooks[].url: its port; or start what listens there, on its machine: nc -z -v ${name} ${port}`,
    );
  }
});

test("a name that nobody knows is told with what asks for it", async () => {
  const { mend } = await shown("http://nobody.invalid/");
  expect(mend).toBe("webhooks[].url: a name that is known; getent hosts nobody.invalid");
});

test("what is no HTTP is told", async () => {
  const port = await listen(createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-server\r\n")));
  const { mend } = await shown(`http://127.0.0.1:${port}/`);
  expect(mend).toBe(
    `webhooks[].url: https:// in place of http://, if TLS is spoken there; curl -i -d '{}' http://127.0.0.1:${port}`,
  );
});

test("a redirection is told with where it leads, without its query", async () => {
  const location = "https://u:p@home.example/new?token=hidden#part";
  const port = await listen(createHttpServer((_, response) => response.writeHead(308, { location }).end()));
  const { fault, mend } = await shown(`http://127.0.0.1:${port}/`);
  expect(fault).toContain("answered 308");
  expect(mend).toBe("webhooks[].url: where it redirects to, https://home.example/new, which is not followed");
});

test.each([
  ["/there?key=hidden", ", http://h:81/there"],
  ["", ""],
  ["http://[", ""],
  ["mailto:joe@home.example", ""],
])("of a location %j is told %j", (location, told) => {
  const mend = mendOf(new URL("http://h:81/hook"), { status: 302, location, said: "" });
  expect(mend).toBe(`webhooks[].url: where it redirects to${told}, which is not followed`);
});

test.each([
  ["ECONNREFUSED connect", "https://[::1]/", "nc -z -v ::1 443"],
  ["EHOSTUNREACH connect", "http://10.0.0.9/", "webhooks[].url: its address; nc -z -v 10.0.0.9 80"],
  [
    " no answer within 10 s (webhooks[].timeoutS)",
    "http://h/",
    "webhooks[].timeoutS: more, if it takes so long",
  ],
  ["EPIPE write", "http://h/", "curl -i -d '{}' http://h"],
])("of %j at %s: %s", (said, url, told) => {
  expect(mendOf(new URL(url), { status: 0, location: "", said })).toContain(told);
});

test("a server that wants a certificate at the usual port is looked at there", () => {
  const trouble = { status: 0, location: "", said: "EPROTO tlsv13 alert certificate required" };
  expect(mendOf(new URL("https://h/hook"), trouble)).toMatch(/openssl s_client -connect h:443$/);
});
