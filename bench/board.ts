/** P7: what link and session cost on the real interpreter, against Espruino's MQTT module. */
import { basename } from "node:path";
import { Interpreter, interpreters } from "../host/testing/interpreter.ts";
import { authorParts, authorProgram } from "./board/author.ts";
import { bundleClient, bundleMqtt, bundleProgram, bundleStandard, bundleText } from "./board/bundles.ts";
import * as probe from "./board/probes.ts";
import { bufferSizes } from "./board/sizes.ts";
import type { Report, Row } from "./row.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import { atMost, below, type Verdict } from "./verdict.ts";

const ANSWER_TIMEOUT_MS = 60_000;
const POLL_MS = 10;
/** Repeats of 80 packets in one process. */
const REPEATS = 3;
/** Variables. So small a heap does not hold a client and, while it starts, its text: it runs from Storage only. */
const SMALL_HEAP = 3000;

const examples = ["thermometer", "button", "blind"];
/** Variables that are to be left with an example. */
const FREE = 1500;

/** A variable of a board has 12 to 14 bytes; where it has more, counting them says nothing of boards. */
const BOARD_VARIABLE_BYTES = 14;
const KILOBYTE = 1000;

/** Runs `script` as a script or from Storage, and returns the numbers it prints. */
async function ask(
  path: string,
  script: string,
  from: "script" | "storage",
  config: object = {},
): Promise<number[]> {
  const board = new Interpreter(path);
  try {
    await board.start(script, config, from);
    for (let waited = 0; waited < ANSWER_TIMEOUT_MS; waited += POLL_MS) {
      const answer = /@@(\[[^@]*\])@@/.exec(board.output);
      if (answer !== null) return JSON.parse(answer[1]);
      if (/OUT OF MEMORY|Uncaught/.test(board.output)) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`${basename(path)} gave no answer: ${board.output.slice(-500)}`);
  } finally {
    await board.stop();
  }
}

/** As timeProbes answer; throws when packets were lost or went unacknowledged. */
async function askTime(path: string, script: string, size: number): Promise<{ us: number; grown: number }> {
  const [us, grown, taken, written] = await ask(path, script, "script");
  const packets = probe.packetsOf(REPEATS);
  if (taken !== size * packets)
    throw new Error(`${basename(path)}: ${taken} bytes came of ${size * packets}`);
  if (written < 2 * packets)
    throw new Error(`${basename(path)}: ${written} bytes acknowledge ${packets} packets`);
  return { us, grown };
}

interface Bundles {
  link: string;
  session: string;
  firmware: string;
  mqtt: string | undefined;
}

export const board: Row = {
  name: "P7",
  title: "on the real interpreter",
  contenders: [],
  async run({ rounds }) {
    const report: Report = {
      row: this.name,
      title: this.title,
      notes: [
        "link client, session client: shared/ with the least around it, made with the firmware's settings",
        "times are of code in RAM: packet in, its text handed on, acknowledgement out; the shortest of 3 × 80",
        "compared with MQTT: a session over a socket, as MQTT is, one packet an event, each acknowledged",
      ],
      versions: [],
      groups: [],
      facts: [],
      verdicts: [],
    };
    if (interpreters.length === 0)
      return { ...report, skipped: "ESPRUINO_BIN names no interpreter (several paths: with colons between)" };
    const bundles: Bundles = {
      link: await bundleClient("link-client"),
      session: await bundleClient("session-client"),
      firmware: await bundleStandard(),
      mqtt: process.env.ESPRUINO_MQTT ? await bundleMqtt(process.env.ESPRUINO_MQTT) : undefined,
    };
    if (bundles.mqtt === undefined)
      report.notes.push("no comparison with MQTT: ESPRUINO_MQTT names no MQTT.js");
    report.facts.push(sizes(bundles));
    report.verdicts.push(
      atMost("link + session client, minified", bundles.link.length / KILOBYTE, 3, "kB"),
      atMost("whole firmware, minified", bundles.firmware.length / KILOBYTE, 10, "kB"),
    );
    for (const path of interpreters) await measureBoard(path, bundles, report, rounds);
    return report;
  },
};

function sizes({ link, session, firmware, mqtt }: Bundles): string {
  const parts = [
    `link client ${link.length}`,
    `session client ${session.length}`,
    `firmware ${firmware.length}`,
  ];
  if (mqtt !== undefined) parts.push(`MQTT module ${mqtt.length}`);
  return `bytes minified: ${parts.join(", ")}`;
}

async function measureBoard(path: string, bundles: Bundles, report: Report, rounds: number): Promise<void> {
  const [, heap, variableBytes] = await ask(path, probe.memoryProbe(""), "script");
  const name = `${basename(path)} (${heap} variables)`;
  if (variableBytes <= BOARD_VARIABLE_BYTES)
    report.verdicts.push(...(await measureMemory(path, name, heap, bundles, report)));
  if (heap > SMALL_HEAP) report.verdicts.push(...(await measureTimes(path, name, bundles, report, rounds)));
}

async function measureMemory(
  path: string,
  name: string,
  heap: number,
  bundles: Bundles,
  report: Report,
): Promise<Verdict[]> {
  const used = async (script: string, from: "script" | "storage", config?: object) =>
    (await ask(path, script, from, config))[0];
  const clients = { link: bundles.link, session: bundles.session, MQTT: bundles.mqtt };
  const [buffers] = await ask(path, probe.bufferProbe(bufferSizes), "script");
  const empty = { script: 0, storage: 0 };
  for (const from of ["script", "storage"] as const) empty[from] = await used(probe.memoryProbe(""), from);
  const isSmall = heap <= SMALL_HEAP;
  const verdicts: Verdict[] = [];
  for (const [client, code] of Object.entries(clients)) {
    if (code === undefined) continue;
    const flash = (await used(probe.memoryProbe(code), "storage")) - empty.storage;
    report.facts.push(`${name}: ${client} client: ${flash} variables from Storage`);
    if (isSmall) continue;
    const ram = (await used(probe.memoryProbe(code), "script")) - empty.script;
    report.facts.push(`${name}: ${client} client: ${ram} variables from RAM`);
    if (client === "link")
      verdicts.push(
        atMost(`${name}: link + session client in RAM, buffers apart`, ram - buffers, 400, "vars"),
      );
  }
  report.facts.push(`${name}: of the link client, ${buffers} variables are buffers`);
  if (isSmall) {
    const config = { id: "esp-1", port: "Serial1", path: "nowhere", interval: 10, grace: 0.1 };
    const bare = await used(probe.firmwareProbe(""), "storage", config);
    const whole = await used(probe.firmwareProbe(bundles.firmware), "storage", config);
    report.facts.push(`${name}: firmware from Storage: ${whole} in use, ${bare} of them without it`);
    verdicts.push(atMost(`${name}: firmware from Storage`, whole - bare, 1000, "vars"));
    const inUse = (program: string) => used(probe.firmwareProbe(program), "storage", config);
    for (const example of examples) {
      const taken = await inUse(await bundleProgram(`device/examples/${example}.ts`));
      verdicts.push(atMost(`${name}: firmware with ${example}`, taken, heap - FREE, "vars"));
    }
    const costs: string[] = [];
    for (const [part, text] of Object.entries(authorParts))
      costs.push(`${part} ${(await inUse(await bundleText(authorProgram(text)))) - whole}`);
    report.facts.push(`${name}: variables an author's program takes: ${costs.join(", ")}`);
  }
  return verdicts;
}

async function measureTimes(
  path: string,
  name: string,
  { link, session, mqtt }: Bundles,
  report: Report,
  rounds: number,
): Promise<Verdict[]> {
  const probes = [
    { what: "session, 100 bytes", script: probe.sessionProbe(session, 100, REPEATS), size: 100 },
    { what: "session, 1000 bytes", script: probe.sessionProbe(session, 1000, REPEATS), size: 1000 },
    { what: "link + session, 100 bytes", script: probe.linkProbe(link, REPEATS), size: 100 },
  ];
  if (mqtt !== undefined)
    probes.push({ what: "MQTT, 100 bytes", script: probe.mqttProbe(mqtt, REPEATS), size: 100 });
  const us = probes.map(() => [] as number[]);
  const grown = probes.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++)
    for (const [i, { script, size }] of probes.entries()) {
      const answer = await askTime(path, script, size);
      us[i].push(answer.us);
      grown[i].push(answer.grown);
    }
  for (const [i, { what }] of probes.entries()) {
    const { median, min, max } = spreadOf(us[i]);
    const vars = spreadOf(grown[i]).median;
    report.facts.push(
      `${name}: ${what}: ${median.toFixed(0)} µs a packet (${min.toFixed(0)} – ${max.toFixed(0)}), ${vars} variables grown over 80`,
    );
  }
  const verdicts = [
    atMost(`${name}: 1000 bytes / 100 bytes`, ratioOf(us[1], us[0]), 2),
    below(`${name}: garbage of link + session`, spreadOf(grown[2]).median / 80, 0.05, "vars/packet"),
  ];
  if (mqtt !== undefined)
    verdicts.unshift(
      atMost(`${name}: receive + acknowledge 100 bytes: session / MQTT`, ratioOf(us[0], us[3]), 0.45, {
        aim: 0.3,
      }),
    );
  return verdicts;
}
