/** What is read of components: tags, messages, their data, and configurations, good ones and spoiled. */
import { decode, encode } from "@msgpack/msgpack";
import { BodyView, checkBody, decodeMessage, encodeMessage } from "../../host/monique/body.ts";
import { readComponentConfig, readHubConfig } from "../../host/monique/config-file.ts";
import { formatData, readData } from "../../host/monique/data.ts";
import { eraOf, readMessage, toFinal } from "../../host/monique/eras.ts";
import { isFault, type MoniqueFault } from "../../host/monique/fault.ts";
import { isId } from "../../host/monique/id.ts";
import { readKill } from "../../host/monique/kill.ts";
import type { Encoding, Message } from "../../host/monique/message.ts";
import { formatMonitoring, isReadable, readMonitoring } from "../../host/monique/monitoring.ts";
import { packValue, plainValue } from "../../host/monique/pack-value.ts";
import { formatTag, parseTag, type Tag } from "../../host/monique/tag.ts";
import { readError } from "../../host/monique/task-error.ts";
import { bytesOf, messageVectors } from "../../host/monique/testing/vectors.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import type { StreamSource } from "./stream-source.ts";
import { makeText, setStream } from "./text-source.ts";

/** How many of each came through: were there none, the fuzzing would see no more than the first look. */
export const seen = { tags: 0, bodies: 0, olds: 0, data: 0, configs: 0 };

const vectors = messageVectors.map((vector) => ({
  era: vector.era,
  tag: bytesOf(vector.frame0),
  body: bytesOf(vector.frame1),
  data: vector.fields.data.text,
}));
const final = vectors.filter(({ era }) => era === "C");
/** Of one tag: bodies as others write them, and ones that readers take for different messages, or end at. */
const odd = oddBodies(final[5].body).map((body) => ({ ...final[5], body }));
const messages = [...vectors, ...odd];
const tagTexts = [
  ...final.map(({ tag }) => Buffer.from(tag).toString()),
  "data:погода_кухня:1:2:Кухня",
  "config:a_b:1::",
  "error:error:1:2:a b",
];

export const tagTarget: FuzzTarget = {
  name: "tags",
  weight: 3,
  feed(source) {
    setStream(source, makeText(source, tagTexts));
    if (source.below(3) === 0) source.spoil();
    const bytes = streamOf(source);
    const tag = parseTag(bytes);
    if (isFault(tag)) return checkFault(tag);
    seen.tags++;
    hold(Buffer.compare(formatTag(tag), bytes) === 0, () => `it is written as ${formatTag(tag)}`);
    const places = [tag.specAt, tag.idAt, tag.pidAt, tag.creatorAt];
    hold(
      places.every((at) => bytes[at - 1] === 0x3a),
      () => `fields at ${places}`,
    );
  },
};

export const messageTarget: FuzzTarget = {
  name: "messages",
  weight: 4,
  feed(source) {
    const vector = source.pick(messages);
    source.length = 0;
    source.addAll(vector.body);
    for (let n = source.below(3); n > 0; n--) source.spoil();
    const body = streamOf(source);
    if (vector.era === "C") checkFinal(vector.tag, body);
    else checkOld(vector.tag, body);
  },
};

function oddBodies(body: Uint8Array): Uint8Array[] {
  const fields = decode(body) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([key, value]) => [Buffer.from(key), encode(value)] as const);
  const mapOf = (count: number, ...parts: Uint8Array[]) =>
    Buffer.concat([Buffer.from([0x80 | count]), ...parts]);
  const binKeys = pairs.flatMap(([key, value]) => [Buffer.from([0xc4, key.length]), key, value]);
  return [
    encode({ ...fields, alphabet: "UTF-8" }),
    encode({ ...fields, x: { y: ["é", 1, { z: new Uint8Array(3) }] } }),
    encode({ ...fields, data: "{}", created_at: 1.5, expires_at: 1e17 }),
    mapOf(9, ...binKeys),
    mapOf(10, body.subarray(1), encode("pid"), encode("x")),
    mapOf(10, body.subarray(1), encode("__proto__"), encode({})),
  ];
}

const view = new BodyView();

function checkFinal(tagBytes: Uint8Array, body: Uint8Array): void {
  const tag = parseTag(tagBytes) as Tag;
  const quick = checkBody(body, tagBytes, tag, view);
  const message = decodeMessage(body);
  if (quick !== undefined) checkFault(quick);
  if (isFault(message)) {
    checkFault(message);
    return hold(quick !== undefined, () => `the quick check takes what is none: ${message.text}`);
  }
  const isOfTag = Buffer.compare(formatTag(message), tagBytes) === 0;
  hold(isOfTag === (quick === undefined), () => `the quick check says ${quick?.text ?? "yes"}`);
  checkMessage(message);
  if (!isOfTag) return;
  seen.bodies++;
  hold(view.expiresAt === message.expires_at && view.createdAt === message.created_at, "times differ");
  hold(Buffer.compare(body.subarray(view.dataStart, view.dataEnd), message.data) === 0, "data differ");
  // What the hub passes on, others have to be able to read.
  const other = decode(body) as Record<string, unknown>;
  const texts = [message.id, message.pid, message.creator, message.spec, message.type, message.encoding];
  const theirs = [other.id, other.pid, other.creator, other.spec, other.type, other.encoding];
  hold(texts.join() === theirs.join(), () => `another codec reads ${theirs}`);
}

function checkOld(tag: Uint8Array, body: Uint8Array): void {
  const read = readMessage(tag, body);
  if (isFault(read)) return checkFault(read);
  seen.olds++;
  hold(read.era === eraOf(tag, body), "two eras");
  const [finalTag, finalBody] = toFinal(read);
  const parsed = parseTag(finalTag);
  if (isFault(parsed)) return hold(false, parsed.text);
  const fault = checkBody(finalBody, finalTag, parsed, view);
  hold(fault === undefined, () => `what goes on is none: ${fault?.text}`);
}

/** Whatever was read can be written, and is the same then. */
function checkMessage(message: Message): void {
  const again = decodeMessage(encodeMessage(message));
  hold(!isFault(again) && JSON.stringify(again) === JSON.stringify(message), "it is not read back");
}

const dataTexts = [
  ...vectors.map(({ data }) => data),
  '{"error":{"code":502,"message":"nested"}}',
  '{"message":"oldest"}',
  '{"task_id":""}',
  '{"task_id":null}',
  '{"task_id":"restart_communicational"}',
  '{ "sync_time" : 1, "name" : "a_b", "is_alive" : true, "message" : "say "hi""}',
];
const packs = [
  ...dataTexts.slice(0, vectors.length).map((text) => packValue(JSON.parse(text))),
  packValue({ a: [1, -1, 1.5, 2 ** 40, -(2 ** 40), null, true, "é", new Uint8Array(40)], b: 2n ** 63n }),
  packValue({ task_id: "03wjrD3mz2yD0rMEhXLtEZ63BdW2Bw6T6fxdeClW" }),
];

export const dataTarget: FuzzTarget = {
  name: "data",
  weight: 3,
  feed(source) {
    if (source.below(2) === 0) source.make(packs);
    else setStream(source, makeText(source, dataTexts));
    const data = streamOf(source);
    const message = { data, encoding: source.pick<Encoding>(["JSON", "MessagePack"]) };
    checkValue(message);
    const task = readKill(message);
    if (isFault(task)) checkFault(task);
    else hold(isId(task), () => `it kills ${task}`);
    const error = readError(message);
    if (isFault(error)) checkFault(error);
    else hold(Number.isSafeInteger(error.code) && typeof error.message === "string", "no error");
    checkHeartbeat(data);
  },
};

function checkValue(message: { data: Uint8Array; encoding: Encoding }): void {
  const read = readData(message);
  if (isFault(read)) return checkFault(read);
  seen.data++;
  const shown = JSON.stringify(plainValue(read.value));
  hold(typeof shown === "string", "it cannot be shown");
  if (read.encoding === "JSON") return;
  const again = readData({
    data: formatData(withoutExt(read.value), "MessagePack"),
    encoding: "MessagePack",
  });
  hold(!isFault(again), "what was written is not read");
}

/** Extension types are shown, and not written. */
function withoutExt(value: unknown): unknown {
  return JSON.stringify(plainValue(value)).includes('"ext"') ? null : value;
}

function checkHeartbeat(data: Uint8Array): void {
  const heartbeat = readMonitoring(data);
  if (!isReadable(heartbeat)) return hold(heartbeat.raw.length <= 500 && heartbeat.name !== "", "raw");
  const { sync_time, name, is_alive, message } = heartbeat;
  hold(
    Number.isSafeInteger(sync_time) &&
      name !== "" &&
      typeof is_alive === "boolean" &&
      typeof message === "string",
    () => `a heartbeat of ${JSON.stringify(heartbeat)}`,
  );
  const again = readMonitoring(formatMonitoring(heartbeat));
  hold(JSON.stringify(again) === JSON.stringify(heartbeat), "it is not read back");
}

const configTexts = [
  JSON.stringify({
    build: { deps: [] },
    deploy: {
      monique: {
        "scheduler-in": { host: "127.0.0.1", comport: 9000, techport: 9024 },
        "scheduler-out": { host: "127.0.0.1", comport: 9001, techport: 9025 },
        controller: { host: "127.0.0.1" },
        tls: { ca: "ca.pem" },
      },
    },
    params: {
      a_b: { creator: "me", logfile: "x.log", frequency: 60000, port: 10000 },
      "scheduler-logic": { "allow-messages": ["a_b"] },
      mq_controller: { connections: { a_b: 10000 } },
      mq_monitoring_handler: { port: 3000 },
    },
  }),
  '{\n\t"params": { "name": "a_b", "creator": "me" },\n\t"deploy": { "monique": {} }\n}',
];

export const configTarget: FuzzTarget = {
  name: "config.json",
  weight: 0.5,
  feed(source) {
    const text = makeText(source, configTexts);
    setStream(source, text);
    const isRead = [readComponentConfig, readHubConfig].map((read) =>
      isConfig(() => read(text, "c.json", "a_b")),
    );
    if (isRead.includes(true)) seen.configs++;
  },
};

function isConfig(read: () => object): boolean {
  try {
    return typeof read() === "object";
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    for (const line of error.message.split("\n"))
      hold(/^reading c\.json:\d+:\d+: .{3,400}$/u.test(line), () => `fault: ${JSON.stringify(line)}`);
    return false;
  }
}

function checkFault({ code, text }: MoniqueFault): void {
  hold(code !== undefined && /^[^\n]{5,300}$/.test(text), () => `fault ${code}: ${text}`);
}

/** A copy, as large as the stream: what reads beyond it reads nothing. */
function streamOf(source: StreamSource): Uint8Array {
  return source.bytes.slice(0, source.length);
}
