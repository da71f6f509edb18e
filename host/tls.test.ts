/** Boards over TLS at a real gateway: certificates in place of keys, keys beside them, and handshakes that come to nothing. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openKeys } from "./admission/key-store.ts";
import { silentLog } from "./platform/log.ts";
import { BoardClient, type BoardClientOptions } from "./testing/board-client.ts";
import { Authority, type CertificatePaths, isOpensslAvailable } from "./testing/certificates.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";
import { tcpTransport } from "./transports/tcp-transport.ts";

let folder = "";
let house: Authority;
let server: CertificatePaths;
afterEach(() => rmSync(join(folder, "data"), { recursive: true, force: true }));
const toStop = stopAfterEach();
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.skipIf(!isOpensslAvailable)("over TLS (needs openssl: sudo apt-get install openssl)", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bowline-tls-"));
    house = new Authority(folder, "house");
    server = house.sign("gateway", ["localhost"]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const data = () => join(folder, "data");
  const tls = (ca?: string) => [
    `tcp.tls.cert=${server.cert}`,
    `tcp.tls.key=${server.key}`,
    ...(ca === undefined ? [] : [`tcp.tls.ca=${ca}`]),
  ];

  async function gatewayFor(set: string[], log = silentLog): Promise<TestGateway> {
    const gw = await startGateway([`data=${data()}`, ...set], log);
    toStop.push(() => gw.stop());
    return gw;
  }

  async function dial(gw: TestGateway, mine?: CertificatePaths): Promise<TLSSocket> {
    const own = mine && { cert: readFileSync(mine.cert), key: readFileSync(mine.key) };
    const ca = readFileSync(house.cert);
    const socket = connect({ port: gw.tcpPort, host: "127.0.0.1", servername: "localhost", ca, ...own });
    toStop.push(() => socket.destroy());
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    return socket;
  }

  async function board(
    gw: TestGateway,
    options: Omit<BoardClientOptions, "hasLink">,
    mine?: CertificatePaths,
  ): Promise<BoardClient> {
    const client = new BoardClient({ ...options, hasLink: false });
    client.attach(tcpTransport(await dial(gw, mine)));
    toStop.push(() => client.detach());
    return client;
  }

  test("a board with a client certificate speaks for the names in it, common and alternative, and resumes", async () => {
    const gw = await gatewayFor(["tcp.host=0.0.0.0", ...tls(house.cert)]);
    const mine = house.sign("b-1", ["b-1a", "b-1b"]);
    for (const id of ["b-1", "b-1b"]) {
      const client = await board(gw, { id }, mine);
      client.send('{"ot":"l:a"}');
      await gw.until(`a of ${id}`, () => gw.messages.some((m) => m.device === id && m.message.ot === "l:a"));
      client.attach(tcpTransport(await dial(gw, mine)));
      client.send('{"ot":"l:b"}');
      await gw.until(`b of ${id}`, () => gw.messages.some((m) => m.device === id && m.message.ot === "l:b"));
      expect(client.session.opened).toBe(2);
    }
  });

  test("it speaks for no other name; a certificate of another authority, or none, is worth nothing", async () => {
    const reasons: unknown[] = [];
    const warn = (fields: object) => reasons.push((fields as { reason: string }).reason);
    const gw = await gatewayFor(["tcp.host=0.0.0.0", ...tls(house.cert)], { ...silentLog, warn });
    const stranger = new Authority(folder, "stranger");
    const shown: [string, CertificatePaths?][] = [
      ["b-2", house.sign("b-1")],
      ["b-1", stranger.sign("b-1")],
      ["b-1", undefined],
    ];
    for (const [id, mine] of shown) {
      const client = await board(gw, { id }, mine);
      client.send('{"ot":"l:x"}');
      while (client.session.opened === 0 || gw.gateway.sessionsView().length > 0) await turn();
    }
    expect(gw.gateway.devicesView()).toEqual([]);
    expect(reasons).toContain("no key is known for b-2");
  });

  test("a board without a certificate proves its key over TLS as over TCP", async () => {
    const key = openKeys(data()).draw("b-1");
    const gw = await gatewayFor(["tcp.host=0.0.0.0", ...tls()]);
    const client = await board(gw, { id: "b-1", key });
    client.send('{"ot":"l:x"}');
    await gw.until("it", () => gw.messages.length === 1);
  });

  test("plain bytes and half a handshake are no session, and a board that stands goes on", async () => {
    const key = openKeys(data()).draw("b-1");
    const gw = await gatewayFor(tls());
    const client = await board(gw, { id: "b-1", key });
    await gw.until("hello", () => gw.gateway.devicesView().length === 1);
    for (const bytes of [
      Buffer.from("010000", "hex"),
      Buffer.from("160301", "hex"),
      Buffer.alloc(70_000, 0xff),
    ]) {
      const socket = connectTcp(gw.tcpPort, "127.0.0.1");
      socket.on("error", () => {});
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.end(bytes);
      socket.resume();
      await closed;
    }
    client.send('{"ot":"l:still"}');
    await gw.until("it", () => gw.messages.length === 1);
    expect(gw.gateway.linksView().length).toBe(1);
  });

  test("files that are missing, no certificate, or open to all stop the start, each with its mend", async () => {
    const refusal = (set: string[]) => startGateway(["data=memory", ...set]).catch((error) => error);
    expect(await refusal([`tcp.tls.cert=${folder}/no.crt`, `tcp.tls.key=${server.key}`])).toMatchObject({
      code: "TLS_UNREADABLE",
      exitCode: 3,
    });
    expect(await refusal([`tcp.tls.cert=${server.key}`, `tcp.tls.key=${server.key}`])).toMatchObject({
      code: "TLS_INVALID",
      exitCode: 2,
    });
    const open = house.sign("open");
    chmodSync(open.key, 0o644);
    expect(await refusal([`tcp.tls.cert=${open.cert}`, `tcp.tls.key=${open.key}`])).toMatchObject({
      code: "KEY_EXPOSED",
      mend: `chmod 600 ${open.key}`,
    });
    expect(await refusal(["tcp.host=0.0.0.0", ...tls()])).toMatchObject({ code: "TCP_INSECURE" });
  });
});
