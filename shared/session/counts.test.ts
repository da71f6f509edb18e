/** How the packets of one chunk are counted, however many they are: no count of more than 200 (session §3). */
import { expect, test } from "vitest";
import { Side } from "../testing/side.ts";
import { attachSession } from "./lifecycle.ts";

/** A server whose peer has had what is counted at once at the beginning of a connection. */
function openServer(): Side {
  const server = new Side({ isClient: false });
  server.session.syncIntervalMin = 100;
  attachSession(server.session, true, 0);
  server.hear("00", 0);
  server.hear("0161".repeat(256), 1);
  server.take();
  return server;
}

/** The counts of what it says. */
const countsOf = (server: Side) =>
  (server.takeHex().match(/..../g) ?? []).map((sync) => {
    expect(sync.slice(0, 2)).toBe("00");
    return Number.parseInt(sync.slice(2), 16);
  });

test("of any number that come at once each full 200 leave at once, and the rest when its time has come", () => {
  for (let n = 1; n <= 650; n++) {
    const server = openServer();
    server.hear("0161".repeat(n), 2);
    const atOnce = countsOf(server);
    expect(atOnce, `${n}`).toEqual(new Array(Math.floor(n / 200)).fill(200));
    server.hear("", 200);
    expect(countsOf(server), `${n}`).toEqual(n % 200 === 0 ? [] : [n % 200]);
  }
});
