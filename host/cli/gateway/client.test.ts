import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BowlineError } from "../../platform/errors.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { type Handler, RawServer } from "../testing/raw-server.ts";
import { connectClient } from "./client.ts";

const token = "control-token-0123456789";
let terminal: FakeTerminal;
let folder: string;
const servers: RawServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-client-"));
  terminal = new FakeTerminal();
  terminal.cwd = folder;
  terminal.env = { BOWLINE_TOKEN: token };
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  rmSync(folder, { recursive: true });
});

async function serve(handler: Handler): Promise<RawServer> {
  const server = await new RawServer(handler).start();
  servers.push(server);
  return server;
}

const answer =
  (status: number, body: string, type = "application/json"): Handler =>
  (_request, response) =>
    response.writeHead(status, { "content-type": type }).end(body);

const fault = (status: number, code: string) =>
  answer(status, JSON.stringify({ error: { code, message: "what was seen", mend: "a command" } }));

async function getOf(url: string): Promise<unknown> {
  return (await connectClient({ url }, terminal)).get("api/v1/devices");
}

const errorOf = (promise: Promise<unknown>): Promise<BowlineError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error as BowlineError,
  );

describe("where the gateway is", () => {
  test("is what the configuration says, and the token is what the data folder holds", async () => {
    const server = await serve(answer(200, "{}"));
    const tokens = [{ role: "control", token: "control-token-of-the-folder" }];
    writeFileSync(join(folder, "tokens.json"), JSON.stringify({ tokens }), { mode: 0o600 });
    writeFileSync(join(folder, "bowline.yaml"), `data: .\nhttp: { host: 0.0.0.0, port: ${server.port} }\n`);
    terminal.env = {};
    await (await connectClient({}, terminal)).get("api/v1/devices?x=1");
    expect(server.requests[0]).toMatchObject({
      url: "/api/v1/devices?x=1",
      headers: { authorization: "Bearer control-token-of-the-folder", host: `127.0.0.1:${server.port}` },
    });
  });

  test("may be any address, with the token of BOWLINE_TOKEN", async () => {
    const server = await serve(answer(200, "{}"));
    terminal.env = { BOWLINE_TOKEN: "token-of-the-variable" };
    await getOf(server.url);
    expect(server.requests[0].headers.authorization).toBe("Bearer token-of-the-variable");
  });

  test.each([
    [{ set: ["http.enabled=false"] }, "HTTP_DISABLED", 3],
    [{ set: ["http.port=0"] }, "PORT_UNKNOWN", 2],
    [{ url: "127.0.0.1:9080" }, "USAGE", 2],
    [{ url: "ftp://127.0.0.1" }, "USAGE", 2],
    [{ url: "http://127.0.0.1:1/?token=control-token-0123456789" }, "TOKEN_IN_ARGV", 2],
    [{ config: "missing.yaml" }, "CONFIG_NOT_FOUND", 3],
  ])("%j cannot be found: %s", async (options, code, exitCode) => {
    expect(await errorOf(connectClient(options, terminal))).toMatchObject({ code, exitCode });
  });

  test.each(["ok", "null", "{}"])(
    "without a token, what answers %j is no gateway with another folder",
    async (body) => {
      terminal.env = {};
      const server = await serve(answer(200, body, "text/html"));
      const options = { url: server.url, set: [`data=${folder}`] };
      expect(await errorOf(connectClient(options, terminal))).toMatchObject({
        code: "NO_GATEWAY",
        message: `talking to the gateway at ${new URL(server.url).origin}: it answers 200 text/html, which no gateway does`,
      });
    },
  );

  test("without a token it is no gateway's fault unless one is there", async () => {
    terminal.env = {};
    const server = await serve(answer(200, '{"status":"ok"}\n'));
    const options = { url: server.url, set: [`data=${folder}`] };
    expect(await errorOf(connectClient(options, terminal))).toMatchObject({
      code: "TOKEN_UNKNOWN",
      exitCode: 4,
      message: `talking to the gateway at ${new URL(server.url).origin}: it runs, but its token is not in ${folder}: it has another data folder`,
      mend: expect.stringMatching(/BOWLINE_DATA=.* --config .*BOWLINE_TOKEN=/),
    });
    await servers.pop()?.stop();
    expect(await errorOf(connectClient(options, terminal))).toMatchObject({
      code: "NOT_RUNNING",
      exitCode: 3,
      mend: "npm start, or bowline up; for one that runs elsewhere --url, or --config with its file",
    });
  });
});

describe("what is answered", () => {
  test("as a fault is shown as it is, but for what a terminal would act on", async () => {
    const error = {
      code: "NO_ANSWER",
      message: "it said \u001b[2J\u0007\u202e",
      mend: "one\n  or: \u001btwo",
    };
    const server = await serve(answer(504, JSON.stringify({ error })));
    expect(await errorOf(getOf(server.url))).toMatchObject({
      message: "it said \\u001b[2J\\u0007\\u202e",
      mend: "one\n  or: \\u001btwo",
    });
  });

  test("a token that is not the gateway's own is another folder's: where its own is found", async () => {
    const server = await serve(fault(401, "TOKEN_NEEDED"));
    expect(await errorOf(getOf(server.url))).toMatchObject({
      ...{ code: "TOKEN_NEEDED", exitCode: 4 },
      message: `talking to the gateway at ${new URL(server.url).origin}: the token we have is none of its own`,
      mend: expect.stringMatching(/BOWLINE_DATA=.* --config .*BOWLINE_TOKEN=/),
    });
  });

  test.each([
    [400, "QUERY_INVALID", 2],
    [401, "TOKEN_REFUSED", 4],
    [403, "ROLE_READ", 4],
    [404, "DEVICE_UNKNOWN", 3],
    [413, "BODY_TOO_LARGE", 2],
    [500, "INTERNAL", 1],
    [502, "REFUSED", 8],
    [503, "QUEUE_FULL", 5],
    [503, "REQUEST_CANCELLED", 1],
    [504, "REQUEST_EXPIRED", 6],
  ])("%i %s ends with exit code %i, in the gateway's own words", async (status, code, exitCode) => {
    const server = await serve(fault(status, code));
    expect(await errorOf(getOf(server.url))).toMatchObject({
      name: "BowlineError",
      code,
      exitCode,
      message: "what was seen",
      mend: "a command",
    });
  });

  test.each([
    [200, "<html>", "text/html"],
    [404, "<html>", "text/html"],
    [404, '{"error":"no"}', "application/json"],
    [200, "", "application/json"],
  ])("%i with %j is no gateway", async (status, body, type) => {
    const server = await serve(answer(status, body, type));
    const error = await errorOf(getOf(server.url));
    expect(error).toMatchObject({ code: "NO_GATEWAY", exitCode: 1 });
    expect(error.message).toContain(`${status} ${type}`);
  });

  test("a connection that breaks is told, before the answer and within it", async () => {
    const before = await serve((_request, response) => response.destroy());
    const within = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      setTimeout(() => response.destroy(), 10);
    });
    for (const { url } of [before, within])
      expect(await errorOf(getOf(url))).toMatchObject({ code: "GATEWAY_LOST", exitCode: 1 });
  });

  test("a host that does not exist is told", async () => {
    expect(await errorOf(getOf("http://no-such-host.invalid/"))).toMatchObject({
      code: "GATEWAY_UNKNOWN",
      exitCode: 3,
    });
  });
});

test("an interrupted request is gone on both sides", async () => {
  const closed = new Promise<void>((resolve) => {
    void serve((request, _response) => {
      request.socket.once("close", () => resolve());
      terminal.interrupt();
    }).then(({ url }) => getOf(url).catch((error) => expect(error.name).toBe("AbortError")));
  });
  await closed;
});
