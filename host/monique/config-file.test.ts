/** The originals' config.json: what is read of it, and what a person reads when it is wrong. */
import { describe, expect, test } from "vitest";
import { BowlineError } from "../platform/errors.ts";
import { readComponentConfig, readHubConfig } from "./config-file.ts";

const deploy = {
  monique: {
    "scheduler-in": { host: "127.0.0.1", comport: 9000, techport: 9024 },
    "scheduler-out": { host: "hub.example", comport: 9001, techport: 9025 },
    controller: { host: "127.0.0.2" },
  },
};
const params = {
  "example_clock-reply-py": {
    creator: "0101-clock",
    logfile: "clock.log",
    frequency: 60000,
    port: 10000,
    zone: "UTC",
  },
};
const whole = { build: { deps: [] }, deploy, params };

/** Lines as editors have them. */
const textOf = (value: unknown) => JSON.stringify(value, null, 2);
const read = (value: unknown, name = "example_clock-reply-py") =>
  readComponentConfig(typeof value === "string" ? value : textOf(value), "config.json", name);

function faultsOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return [error.code, ...error.message.split("\n")];
  }
  return [];
}

test("a component takes its name's part, where the hub is, and what is its own", () => {
  expect(read(whole)).toEqual({
    name: "example_clock-reply-py",
    creator: "0101-clock",
    logfile: "clock.log",
    frequencyMs: 60000,
    controller: { host: "127.0.0.2", port: 10000 },
    hubIn: { host: "127.0.0.1", com: 9000, tech: 9024 },
    hubOut: { host: "hub.example", com: 9001, tech: 9025 },
    params: params["example_clock-reply-py"],
  });
});

test("who is no worker needs no controller, and a heartbeat comes once a minute", () => {
  const { controller: _, ...others } = deploy.monique;
  const config = read({ deploy: { monique: others }, params: { a_b: { creator: "me" } } }, "a_b");
  expect(config).toMatchObject({ creator: "me", frequencyMs: 60_000 });
  expect(config.controller).toBeUndefined();
  expect(config.logfile).toBeUndefined();
});

test("the flat form of the Java library is read", () => {
  const flat = { name: "a_b", creator: "me", frequency: 500, port: 10001 };
  expect(read({ deploy, params: flat }, "a_b")).toMatchObject({
    name: "a_b",
    creator: "me",
    frequencyMs: 500,
    controller: { port: 10001 },
  });
  expect(faultsOf(() => read({ deploy, params: flat }, "a_c"))[1]).toContain(
    'allowed a_b; did you mean "a_b"?',
  );
});

test("files of TLS stand beside scheduler-in", () => {
  const tls = { ca: "ca.pem", cert: "me.pem", key: "me.key" };
  expect(read({ ...whole, deploy: { monique: { ...deploy.monique, tls } } }).tls).toEqual(tls);
  const only = {
    ...whole,
    deploy: { monique: { ...deploy.monique, tls: { ca: "ca.pem", cart: "x", cert: "y" } } },
  };
  expect(faultsOf(() => read(only))).toEqual([
    "MONIQUE_CONFIG",
    "reading config.json:20:14: deploy.monique.tls: an object; allowed cert and key together, or neither",
    'reading config.json:22:17: deploy.monique.tls.cart: "x"; allowed ca, cert, key; did you mean "cert"?',
  ]);
});

describe("a fault has its line and column, and says what is allowed:", () => {
  test.each<[string, unknown, string[]]>([
    [
      "a port that is text",
      { ...deploy.monique["scheduler-in"], comport: "9000" },
      ['6:20: deploy.monique.scheduler-in.comport: "9000"; allowed a whole number from 1 to 65535'],
    ],
    [
      "a port that is none",
      { ...deploy.monique["scheduler-in"], techport: 0 },
      ["7:21: deploy.monique.scheduler-in.techport: 0; allowed a whole number from 1 to 65535"],
    ],
    [
      "a host that is missing",
      { comport: 1, techport: 2 },
      ["4:23: deploy.monique.scheduler-in.host: it is not there; allowed text"],
    ],
    [
      "a list in place of all",
      [],
      ["host", "comport", "techport"].map(
        (key) => `4:23: deploy.monique.scheduler-in.${key}: it is not there`,
      ),
    ],
  ])("%s", (_name, side, lines) => {
    const value = {
      deploy: {
        monique: {
          "scheduler-in": side,
          "scheduler-out": deploy.monique["scheduler-out"],
          controller: { host: "x" },
        },
      },
      params,
    };
    const faults = faultsOf(() => read(value));
    expect(faults[0]).toBe("MONIQUE_CONFIG");
    expect(faults.slice(1)).toEqual(
      lines.map((line) => expect.stringContaining(`reading config.json:${line}`)),
    );
  });

  test.each<[string, string, string]>([
    ["nothing", "", "config.json:1:1: no JSON: its end"],
    ["a comma too much", '{\n  "a": 1,\n}', 'config.json:3:1: no JSON: "}"'],
    ["a comment", '{\n\t// hub\n\t"a": 1 }', 'config.json:2:2: no JSON: "// hub"'],
    ["a text without an end", '{"a": "b\n"}', 'config.json:1:9: no JSON: "\\n"'],
    ["two values", "{} {}", 'config.json:1:4: no JSON: "{}"'],
    ["a depth without end", "[".repeat(5000), "config.json:1:1: nested deeper"],
  ])("%s", (_name, text, line) => {
    expect(faultsOf(() => read(text))).toEqual([
      "MONIQUE_CONFIG_SYNTAX",
      expect.stringContaining(`reading ${line}`),
    ]);
  });

  test("a key that stands twice", () => {
    const text = textOf(whole).replace('"comport": 9000,', '"comport": 9000, "comport": 9002,');
    expect(faultsOf(() => read(text))).toEqual([
      "MONIQUE_CONFIG",
      "reading config.json:9:26: a key twice; allowed once",
    ]);
  });

  test("a component that is not there, with the name that was meant", () => {
    expect(faultsOf(() => read(whole, "example_clock-replay-py"))).toEqual([
      "MONIQUE_CONFIG",
      'reading config.json:22:13: params.example_clock-replay-py: it is not there; allowed example_clock-reply-py; did you mean "example_clock-reply-py"?',
    ]);
  });

  test("a creator that no tag can carry, and a frequency that no timer can wait", () => {
    const own = { creator: "a:b", frequency: 2 ** 31, port: 1 };
    expect(faultsOf(() => read({ deploy, params: { a_b: own } }, "a_b"))).toEqual([
      "MONIQUE_CONFIG",
      'reading config.json:21:18: params.a_b.creator: "a:b"; allowed text without a colon',
      "reading config.json:22:20: params.a_b.frequency: 2147483648; allowed a whole number from 1 to 2147483647",
    ]);
  });
});

test("a name that no heartbeat can carry is a wrong call", () => {
  expect(() => read(whole, "Clock")).toThrow(RangeError);
});

test("tabs, a byte order mark, and settings of others do no harm", () => {
  const text = `\ufeff${JSON.stringify({ ...whole, other: { "": [1, { x: null }] } }, null, "\t")}\r\n`;
  expect(read(text).creator).toBe("0101-clock");
});

test("a hub takes its ports, the specs that may pass, and those that are for workers", () => {
  const others = {
    "scheduler-logic": { "allow-messages": ["example_calculator", "error"] },
    mq_controller: { connections: { example_clock: 10000, "a_b-c": 0 } },
    mq_monitoring_handler: { port: 3000 },
  };
  expect(readHubConfig(textOf({ deploy, params: others }), "config.json")).toEqual({
    com: { in: 9000, out: 9001 },
    tech: { in: 9024, out: 9025 },
    allow: ["example_calculator", "error"],
    controller: { example_clock: 10000, "a_b-c": 0 },
    monitoringPort: 3000,
  });
  expect(readHubConfig(textOf({ deploy }), "config.json")).toMatchObject({ allow: [], controller: {} });
});

test("what a hub cannot use is told, all of it", () => {
  const others = {
    "scheduler-logic": { "allow-messages": ["example_calculator", "Bad", 7] },
    mq_controller: { connections: { Clock: 10000, a_b: 70000 } },
    mq_monitoring_handler: { port: "3000" },
  };
  expect(
    faultsOf(() => readHubConfig(JSON.stringify({ params: others, deploy }), "c.json")).map((line) =>
      line.replace(/^reading c.json:1:\d+: /, ""),
    ),
  ).toEqual([
    "MONIQUE_CONFIG",
    'params.scheduler-logic.allow-messages.1: "Bad"; allowed a spec like example_calculator',
    "params.scheduler-logic.allow-messages.2: 7; allowed a spec like example_calculator",
    "params.mq_controller.connections.Clock: 10000; allowed under a spec like example_calculator",
    "params.mq_controller.connections.a_b: 70000; allowed a whole number from 0 to 65535",
    'params.mq_monitoring_handler.port: "3000"; allowed a whole number from 0 to 65535',
  ]);
  const list = JSON.stringify({ deploy, params: { "scheduler-logic": { "allow-messages": "all" } } });
  expect(faultsOf(() => readHubConfig(list, "c.json"))[1]).toContain('"all"; allowed a list of specs');
});

test("a port that stands twice is told: the layers have ports of their own, and so have workers", () => {
  const same = { ...deploy.monique["scheduler-out"], techport: 9001 };
  const wrong = { deploy: { monique: { ...deploy.monique, "scheduler-out": same } }, params };
  expect(faultsOf(() => read(wrong))[1]).toContain(
    "scheduler-out.techport: 9001; allowed another port than comport",
  );
  const others = { mq_controller: { connections: { a_b: 9024, a_c: 0, a_d: 0 } } };
  expect(faultsOf(() => readHubConfig(textOf({ deploy, params: others }), "c.json"))).toEqual([
    "MONIQUE_CONFIG",
    "reading c.json:22:16: params.mq_controller.connections.a_b: 9024; allowed another port than monique.scheduler-in.techport",
  ]);
});
