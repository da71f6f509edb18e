/** What people are told without a board being asked: which boards there are, how they are, what they said last. */
import type { Registry } from "../irc-iot/registry.ts";
import { formatSpan, sayMessage } from "../irc-iot/say.ts";
import { commandWord } from "../irc-iot/type-description.ts";
import { exampleOf, usageOf } from "../irc-iot/usage.ts";
import { suggest } from "../platform/suggest.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { DeviceView } from "../router/views.ts";
import type { Addresses } from "./addresses.ts";
import { datumOfMessage } from "./datum-content.ts";
import { sayComponents, sayTasks, type WorkFacts } from "./task-words.ts";

export interface Facts {
  /** What this gateway is called. */
  gateway: string;
  registry: Registry;
  addresses: Addresses;
  devices(): DeviceView[];
  queue(): QueueView;
  work: WorkFacts;
  wall(): number;
}

/** IRC-IoT S-10. */
const IRC_IOT_VERSION = "0.3.33";
const FACT_BYTES = 280;
const usages: Readonly<Record<string, string>> = {
  help: "help [COMMAND]: what there is, and how one is typed",
  devices: "devices: the boards of this gateway",
  status: "status [BOARD]: how the gateway is, or one of its boards",
  last: "last [BOARD]: what was said last",
  queue: "queue: what waits for boards and gateways",
  tasks: "tasks: what has not ended, and on whom it runs",
  components: "components: who is there, and how they are",
  version: "version: what this is",
  cancel: "cancel NUMBER: withdraws a request of yours that waits; as in !cancel 17; for operators",
  kill: "kill TASK: stops a task, by its id or how that begins; as in !kill EbQ5cBYA; for operators",
  raw: "raw BOARD: what it said last, as its Datum, as in !raw sim-1; !raw COMMAND…: asks, and answers as a Datum, as in !raw led sim-1 on; asking is for operators",
  send: 'send BOARD TYPE [JSON]: any request; as in !send sim-1 l:led {"on":true}; for operators',
};
/** Of those that only tell, how many words they take, the command itself among them. */
const mostWords: Readonly<Record<string, number>> = {
  help: 2,
  devices: 1,
  status: 2,
  last: 2,
  queue: 1,
  tasks: 1,
  components: 1,
  version: 1,
};

/** `!status [BOARD]: how …`; undefined: what asks a board, or nothing at all. */
export function usageOfTelling(word: string): string | undefined {
  return Object.hasOwn(usages, word) ? `!${usages[word]}` : undefined;
}

export function nearestTelling(word: string): string | undefined {
  return suggest(word, Object.keys(usages));
}

/** What is told of a word that would be passed over. */
export function tooManyWords(words: readonly string[]): string | undefined {
  const [command] = words;
  const odd = words[mostWords[command] ?? words.length];
  if (odd === undefined) return undefined;
  return `${command}: ${JSON.stringify(odd.slice(0, 40))} is a word too many; ${usageOfTelling(command)}`;
}

export function tellHelp([, command]: readonly string[], { registry }: Facts): string[] {
  const types = registry.allRequests();
  const names = [...new Set(types.map(commandWord))];
  if (command === undefined)
    return [
      `tells: ${["status", "devices", "last", "queue", "tasks", "components", "version"].map(mark).join(", ")}; asks boards: ${[...names, "send", "raw", "cancel"].map(mark).join(", ")}; stops: ${mark("kill")}`,
      "!help COMMAND tells how it is typed; in private the ! may be left out; who asks boards has to be an operator",
    ];
  const word = command.replace(/^!/, "");
  const usage = usageOfTelling(word);
  if (usage !== undefined) return [usage];
  const type = types.find((one) => commandWord(one) === word);
  if (type !== undefined)
    return [`!${usageOf(type)}: ${type.meaning}; as in !${exampleOf(type)}; for operators`];
  const nearest = suggest(word, [...names, ...Object.keys(usages)]);
  return [
    `no command ${word.slice(0, 40)}${nearest === undefined ? "" : `; did you mean !${nearest}?`}${nearest === undefined ? ";" : ""} !help lists them`,
  ];
}

export function tellDevices(_: readonly string[], { devices, gateway }: Facts): string[] {
  const all = devices();
  if (all.length === 0) return [`${gateway}: no board has said hello yet`];
  return [`${gateway}: ${all.map(({ id, connected }) => (connected ? id : `${id} (away)`)).join(", ")}`];
}

export function tellStatus([, board]: readonly string[], facts: Facts): string[] {
  const { gateway, devices, queue, wall } = facts;
  const all = devices();
  if (board === undefined || board === gateway) {
    const { store } = queue();
    const here = all.filter(({ connected }) => connected).length;
    const fault = store.fault === "" ? "" : `; the store takes nothing: ${store.fault}`;
    return [`${gateway}: ${here} of ${all.length} boards connected, ${store.messages} messages kept${fault}`];
  }
  return withBoard(board, all, ({ id, connected, via, firmware, delivered, missing, queued, lastAt }) => {
    const heard =
      lastAt === 0
        ? "never heard"
        : `heard ${formatSpan(Math.max(0, Math.round((wall() - lastAt) / 1000)))} ago`;
    const state = connected ? `connected${via === "" ? "" : ` via ${via}`}` : "away";
    const parts = [
      state,
      heard,
      firmware,
      `${delivered} messages`,
      missing > 0 ? `${missing} missing` : "",
      queued > 0 ? `${queued} waiting` : "",
    ];
    return `${id}: ${parts.filter((part) => part !== "").join(", ")}`;
  });
}

export function tellLast([, board]: readonly string[], facts: Facts): string[] {
  const all = facts.devices();
  const tell = ({ id, last }: DeviceView) =>
    last === null ? `${id}: has said nothing yet` : `${id}: ${sayLast(last, facts)}`;
  if (board !== undefined) return withBoard(board, all, tell);
  const said = all.filter(hasSaid).sort((a, b) => b.last.at - a.last.at);
  return said.length === 0 ? [`${facts.gateway}: no board has said anything yet`] : said.map(tell);
}

/** That it has said something. */
function hasSaid(board: DeviceView): board is DeviceView & { last: NonNullable<DeviceView["last"]> } {
  return board.last !== null;
}

export function tellRaw([, board = ""]: readonly string[], facts: Facts): string[] {
  const { addresses } = facts;
  return withBoard(board, facts.devices(), ({ id, last }) => {
    if (last === null) return `${id}: has said nothing yet`;
    const told = { src: addresses.ofBoard(id), detail: "full", fields: [] } as const;
    return `${id}: ${JSON.stringify(datumOfMessage(last, told))}`;
  });
}

export function tellQueue(_: readonly string[], { queue, gateway }: Facts): string[] {
  const { boards, peers } = queue();
  const waiting = [
    ...boards.map(({ device, queued, open }) => `${device}: ${open} requests open, ${queued} not sent`),
    ...peers
      .filter(({ kind }) => kind === "gateway")
      .map(({ name, packets }) => `gateway ${name}: ${packets} packets`),
  ];
  return waiting.length === 0 ? [`${gateway}: nothing waits`] : waiting;
}

export function tellTasks(_: readonly string[], { gateway, work }: Facts): string[] {
  return [sayTasks(gateway, work)];
}

export function tellComponents(_: readonly string[], { gateway, work }: Facts): string[] {
  return [sayComponents(gateway, work)];
}

export function tellVersion(_: readonly string[], { gateway }: Facts): string[] {
  return [`${gateway}: a Bowline gateway, IRC-IoT ${IRC_IOT_VERSION}`];
}

function sayLast(last: NonNullable<DeviceView["last"]>, { registry, addresses, wall }: Facts): string {
  const { device, message, at } = last;
  const sender = addresses.ofBoard(device);
  return sayMessage(message, { registry, sender, now: wall(), at, maxBytes: FACT_BYTES });
}

function withBoard(
  board: string,
  all: readonly DeviceView[],
  tell: (device: DeviceView) => string,
): string[] {
  const found = all.find(({ id }) => id === board);
  if (found !== undefined) return [tell(found)];
  const known = all.map(({ id }) => id);
  const nearest = suggest(board, known);
  return [
    `no board ${board.slice(0, 64)}; ${nearest === undefined ? "" : `did you mean ${nearest}? `}known: ${known.slice(0, 10).join(", ") || "none yet"}`,
  ];
}

const mark = (name: string) => `!${name}`;
