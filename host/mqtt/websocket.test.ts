/** A real mosquitto that is spoken to over WebSocket, in the clear and encrypted. */
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { Authority, isOpensslAvailable } from "../testing/certificates.ts";
import { folderForEach } from "../testing/folders.ts";
import { freePort } from "../testing/free-port.ts";
import { startGateway } from "../testing/gateway.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { Broker, isMosquittoThere, mosquittoNeeded } from "./testing/broker.ts";

const folder = folderForEach("mqtt-websocket");
const stops = stopAfterEach();

/** Debian's mosquitto wants a listener of the plain kind beside it. */
const websockets = async (...lines: string[]) => [
  ...["protocol websockets", ...lines],
  `listener ${await freePort()} 127.0.0.1`,
];

async function expectTold(broker: Broker, url: string, settings: string[] = []): Promise<void> {
  stops.push(() => broker.stop());
  await broker.start();
  const heard = await broker.listen("#", { rejectUnauthorized: false });
  const gw = await startGateway([`mqtt.url=${url}`, "mqtt.from=oldest", ...settings]);
  stops.push(() => gw.stop());
  const board = await gw.board({ id: "sim-1" });
  board.send('{"ot":"l:n","i":7}');
  await until(() => expect(heard.heard.some(({ text }) => text.includes('"i":7'))).toBe(true));
  board.detach();
}

describe.skipIf(!isMosquittoThere)(`over WebSocket (${mosquittoNeeded})`, () => {
  test("ws:// hands messages on", async () => {
    const broker = await Broker.make(await websockets(), "ws");
    await expectTold(broker, broker.url);
  });

  test.skipIf(!isOpensslAvailable)(
    "wss:// hands messages on, to whom its authority vouches for",
    async () => {
      const authority = new Authority(folder(), "ca");
      const { cert, key } = authority.sign("localhost", ["localhost"]);
      const broker = await Broker.make(await websockets(`certfile ${cert}`, `keyfile ${key}`), "wss");
      await expectTold(broker, `wss://localhost:${broker.port}`, [`mqtt.tls.ca=${authority.cert}`]);
    },
  );
});
