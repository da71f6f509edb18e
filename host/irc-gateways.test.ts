/** Two gateways and a person on one real server: they ask each other over lines that get lost, and bear what they are told. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LossyRelay } from "./irc/testing/lossy-relay.ts";
import { isNgircdAvailable, type Ngircd, ngircdNeeded, startNgircd } from "./irc/testing/ngircd.ts";
import { Person } from "./irc/testing/person.ts";
import { until } from "./platform/testing/until.ts";
import type { BoardClient } from "./testing/board-client.ts";
import { startGateway, type TestGateway } from "./testing/gateway.ts";
import { stopAfterEach } from "./testing/stops.ts";

const toStop = stopAfterEach();

describe.skipIf(!isNgircdAvailable)(`two gateways on IRC (${ngircdNeeded})`, () => {
  let server: Ngircd;
  beforeAll(async () => {
    server = await startNgircd();
  });
  afterAll(() => server.stop());

  let nth = 0;
  beforeEach(() => {
    nth++;
  });

  interface Site {
    gateway: TestGateway;
    board: BoardClient;
    /** What the board was asked. */
    asked: Record<string, unknown>[];
  }

  const channel = () => `#lab${nth}`;

  async function site(id: string, port: number, set: string[] = []): Promise<Site> {
    const gateway = await startGateway([
      ...[`gateway.id=${id}`, "irc.host=127.0.0.1", `irc.port=${port}`, "irc.tls.enabled=false"],
      ...[`irc.nick=${id}`, `irc.channels.0=${channel()}`, "irc.sign.enabled=true", "irc.scheme=b85p"],
      ...["irc.flood.burst=1000", "irc.flood.linesPerMinute=60000", "irc.limits.askAfterS=1"],
      ...set,
    ]);
    toStop.push(() => gateway.stop());
    const asked: Record<string, unknown>[] = [];
    const board = await gateway.board({ id: `board-${id}` });
    await gateway.until("there", () => gateway.gateway.devicesView().length === 1);
    await until(() =>
      gateway.gateway.irc.view().networks[0].channels.every(({ state }) => state === "joined"),
    );
    return { gateway, board, asked };
  }

  /** The board answers what it is asked, at length. */
  function answering({ board, asked }: Site): void {
    const timer = setInterval(() => {
      for (const packet of board.packets.splice(0)) {
        const { rq, ...message } = JSON.parse(packet);
        if (rq === undefined) continue;
        asked.push(message);
        board.send(JSON.stringify({ re: rq, nth: message.nth, text: longText(`reply ${message.nth}`) }));
      }
    }, 5);
    toStop.push(() => clearInterval(timer));
  }

  test("each asks the other's board, in fragments both ways, over lines that get lost: done once, answered whole", async () => {
    // Of each Datum the second fragment that comes to a gateway is lost; what is given again comes.
    const seen = new Map<string, number>();
    const hits = (line: string, direction: string) => {
      const fragment = /"did":"(\d+)".*"ed":/.exec(line);
      if (direction !== "toClient" || fragment === null) return false;
      const chain = `${line.slice(1, line.indexOf("!"))} ${fragment[1]}`;
      seen.set(chain, (seen.get(chain) ?? 0) + 1);
      return seen.get(chain) === 2;
    };
    const relay = await LossyRelay.start({ port: server.port, seed: nth, hits, dropRate: 1 });
    toStop.push(() => relay.stop());
    const first = await site("attic", relay.port);
    const attic = first.gateway.gateway.irc.view().key;
    const barn = await site("barn", relay.port, operator("attic", attic!));
    const kitchen = await site("kitchen", relay.port, operator("barn", barn.gateway.gateway.irc.view().key!));
    answering(barn);
    answering(kitchen);
    const ask = (from: Site, via: string, nth: number) =>
      from.gateway.gateway.irc.ask(
        {
          ...{ to: `board-${via}@${via}`, via, timeoutMs: 30_000 },
          message: { ot: "l:mine", nth, text: longText(`ask ${nth}`) },
        },
        new AbortController().signal,
      );
    for (const reply of await Promise.all([ask(first, "barn", 1), ask(barn, "kitchen", 2)]))
      expect(reply).toMatchObject({ ot: "l:mine", text: longText(`reply ${reply.nth}`) });
    expect(relay.counts.dropped).toBe(4);
    expect([barn.asked, kitchen.asked]).toEqual(
      [1, 2].map((nth) => [{ ot: "l:mine", nth, text: longText(`ask ${nth}`) }]),
    );
    for (const one of [first, barn, kitchen]) {
      const { participant } = one.gateway.gateway.irc.view().networks[0];
      expect(participant.chains).toBe(0);
    }
  });

  test("refused by somebody who may not say so, a request is said again, and is done once", async () => {
    const attic = await site("attic", server.port);
    const { key } = attic.gateway.gateway.irc.view();
    const kitchen = await site("kitchen", server.port, operator("attic", key!));
    const eve = await Person.connect({ port: server.port, nick: "eve", channels: [channel()] });
    toStop.push(() => eve.quit());
    const ask = (ot: string, nth: number) =>
      attic.gateway.gateway.irc.ask(
        { to: "board-kitchen@kitchen", via: channel(), timeoutMs: 30_000, message: { ot, nth } },
        new AbortController().signal,
      );
    const asked = ask("l:led", 1);
    const { text } = await eve.heard('"ot":"l:led"');
    await until(() => kitchen.board.packets.some((packet) => packet.includes("l:led")));
    const [, rq] = /"rq":"([^"]+)"/.exec(text)!;
    const head = '"ot":"l:led","src":"board-kitchen@kitchen","dst":"bowline@attic"';
    eve.say(
      "attic",
      `{"mid":"77","o":{"oid":"1",${head},"d":{"re":"${rq}","err":"no","code":"NOT_PROVED"}}}`,
    );
    await eve.heard('"ot":"l:led"');
    answering(kitchen);
    expect(await asked).toMatchObject({ text: longText("reply 1") });
    // Its board is asked in order: what was said again would stand before this.
    await ask("l:mark", 2);
    expect(kitchen.asked).toEqual([
      { ot: "l:led", nth: 1 },
      { ot: "l:mark", nth: 2 },
    ]);
  });

  test("a person who asks on and on is told a version three times, three pongs and an empty one, and then nothing", async () => {
    const { gateway } = await site("kitchen", server.port);
    const eve = await Person.connect({ port: server.port, nick: "eve", channels: [channel()] });
    toStop.push(() => eve.quit());
    for (let i = 0; i < 6; i++) {
      eve.say("kitchen", `{"mid":"${100 + i}", "ver": "?"}`);
      eve.say("kitchen", `{"mid":"${200 + i}","ping":"MDEyMzQ1"}`);
    }
    await eve.heard('"pong":""');
    // Lines of one connection stay in order: what comes next is behind all that it was told.
    eve.say(channel(), "!version");
    await eve.heard("a Bowline gateway");
    const told = eve.said
      .filter(({ from }) => from === "kitchen")
      .map(({ text }) => text.replace(/"mid":"[^"]*"/, ""));
    expect(told.filter((text) => text.includes('"ver":"0.3.33"'))).toHaveLength(3);
    expect(told.filter((text) => text.includes('"pong":"MDEyMzQ1"'))).toHaveLength(3);
    expect(told.filter((text) => text.includes('"pong":""'))).toHaveLength(1);
    expect(gateway.gateway.irc.view().networks[0].state).toBe("online");
  });

  test("who says too long a line is thrown out by the server; the gateway stays, and answers the next", async () => {
    const { gateway } = await site("kitchen", server.port);
    const before = gateway.gateway.irc.view().networks[0].counts.connections;
    const mallory = await Person.connect({ port: server.port, nick: "mallory", channels: [channel()] });
    toStop.push(() => mallory.quit());
    mallory.say(
      channel(),
      `{"mid":"1","o":{"oid":"1","ot":"l:x","src":"a","dst":"","d":{"v":"${"x".repeat(600)}"}}}`,
    );
    await until(() => mallory.isClosed);
    const ann = await Person.connect({ port: server.port, nick: "ann", channels: [channel()] });
    toStop.push(() => ann.quit());
    ann.say(channel(), "!version");
    await ann.heard("a Bowline gateway");
    expect(gateway.gateway.irc.view().networks[0]).toMatchObject({
      state: "online",
      counts: { connections: before },
    });
  });
});

const operator = (name: string, key: string) => [
  `irc.operators.0.name=${name}`,
  `irc.operators.0.key=${key}`,
];

const longText = (what: string) => `${what}: ${"0123456789 ".repeat(120)}`;
