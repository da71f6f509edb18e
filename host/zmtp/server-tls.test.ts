/** A server over TLS hears only those whom its authority knows (users X5). */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { Authority, type CertificatePaths, isOpensslAvailable } from "../testing/certificates.ts";
import { readTls } from "../transports/tls-files.ts";
import type { ZmtpPeer } from "./peer.ts";
import { PullServer } from "./pull-server.ts";

/** Greeting and READY of a PUSH socket. */
const HELLO = Buffer.from(
  `ff00000000000000017f03004e554c4c${"00".repeat(48)}` +
    "041a055245414459" +
    "0b536f636b65742d547970650000000450555348",
  "hex",
);

describe.skipIf(!isOpensslAvailable)("a server with an authority (needs openssl)", () => {
  let folder: string;
  let authority: Authority;
  let server: PullServer;
  let port: number;
  let peers: ZmtpPeer[];
  let refusals: string[];
  const sockets: TLSSocket[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "bowline-zmtp-"));
    authority = new Authority(folder, "ours");
    [peers, refusals] = [[], []];
    server = new PullServer({
      ...{ host: "127.0.0.1", port: 0, setting: "test" },
      tls: readTls({ ...authority.sign("gw"), ca: authority.cert }, "test"),
      onMessage() {},
      onPeer: (peer) => void peers.push(peer),
      onFault(fault) {
        throw new Error(fault.text);
      },
      onAcceptError: ({ message }) => void refusals.push(message),
    });
    ({ port } = await server.start());
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function dial(own?: CertificatePaths): Promise<TLSSocket> {
    const certificate = own && { cert: readFileSync(own.cert), key: readFileSync(own.key) };
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...certificate });
    socket.on("error", () => {}); // a reset ends it as well
    sockets.push(socket);
    await once(socket, "secureConnect");
    socket.write(HELLO);
    return socket;
  }

  test("takes who shows a certificate of it, by the name in that", async () => {
    await dial(authority.sign("calculator"));
    await until(() => peers.length === 1);
    expect(peers[0].names).toEqual(["calculator"]);
  });

  test.each([
    ["no certificate", () => undefined],
    ["that of another authority", () => new Authority(folder, "theirs").sign("calculator")],
  ])("hears nothing of who shows %s", async (_, own) => {
    const socket = await dial(own());
    await once(socket, "close");
    expect(peers).toEqual([]);
    expect(server.counts).toMatchObject({ accepted: 0, refused: 1 });
    expect(refusals).toEqual([expect.stringMatching(/showed no certificate of the authority$/)]);
  });
});
