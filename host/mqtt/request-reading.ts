/** A request as it came over a broker: read, or what is wrong with it. */
import { BowlineError } from "../platform/errors.ts";
import { isTooDeep, MAX_DEPTH } from "../platform/json-depth.ts";

export interface Request {
  message: { ot: string; [field: string]: unknown };
  timeoutS: number;
  key: string | undefined;
}

const DEFAULT_TIMEOUT_S = 10;
const MOST_TIMEOUT_S = 3600;
const MOST_BYTES = 65_536;
const KEY = /^[\x21-\x7e]{8,64}$/;
/** Fields by which a packet is told to be something else than a request (architecture §6). */
const reserved = ["re", "kill", "hello"];
/** Bytes of a response topic. Levels: brokers end the connection of who publishes with more (EMQX 128, mosquitto 200). */
const MOST_TOPIC = 1024;
const MOST_LEVELS = 128;
/** Wildcards (MQTT 5, 3.3.2.3.5), and what no topic may have. */
const NO_TOPIC = /[+#\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** -> the object, or what is wrong with it. */
export function readObject(payload: Buffer | string): Record<string, unknown> | string {
  if (payload.length > MOST_BYTES) return `it has ${payload.length} bytes; allowed: ${MOST_BYTES}`;
  const text = payload.toString();
  if (isTooDeep(text)) return `it is nested deeper than ${MAX_DEPTH}; allowed: ${MAX_DEPTH}`;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    return `it is ${shown(value)}`;
  } catch {
    return `it is no JSON: ${shown(text)}`;
  }
}

/** Throws what is wrong with it. */
export function readRequest(body: Record<string, unknown>): Request {
  const { key, rq: _, timeoutS = DEFAULT_TIMEOUT_S, ...rest } = body;
  const wrong = reserved.find((field) => field in rest);
  if (typeof rest.ot !== "string" || rest.ot === "" || wrong !== undefined)
    throw invalid("request", wrong === undefined ? `ot is ${shown(rest.ot)}` : `it has the field ${wrong}`);
  if (typeof timeoutS !== "number" || !(timeoutS > 0 && timeoutS <= MOST_TIMEOUT_S))
    throw invalid("request", `timeoutS is ${shown(timeoutS)}; allowed: 0.001 to ${MOST_TIMEOUT_S}`);
  if (key !== undefined && !(typeof key === "string" && KEY.test(key) && !/^\d+$/.test(key)))
    throw new BowlineError(
      "KEY_INVALID",
      `reading key: ${shown(key)}; allowed: 8 to 64 printable characters, not all digits`,
    );
  return { message: { ...rest, ot: rest.ot }, timeoutS, key };
}

/** -> what is wrong with where the answer is wished, which a broker may hang up over; null: nothing, or nowhere is. */
export function faultOfResponseTopic(topic: string | undefined): BowlineError | null {
  if (topic === undefined) return null;
  const bytes = Buffer.byteLength(topic);
  const seen =
    topic === ""
      ? "it is empty"
      : bytes > MOST_TOPIC
        ? `it has ${bytes} bytes`
        : topic.startsWith("$") || NO_TOPIC.test(topic) || topic.split("/").length > MOST_LEVELS
          ? shown(topic)
          : null;
  if (seen === null) return null;
  const allowed = `1 to ${MOST_TOPIC} bytes in at most ${MOST_LEVELS} levels, without +, # and control characters, not beginning with $`;
  return new BowlineError(
    "RESPONSE_TOPIC_INVALID",
    `reading the response topic: ${seen}; allowed: ${allowed}`,
  );
}

/** `seen`: with what is allowed, where that is something else than the whole form. */
export function invalid(name: string, seen: string): BowlineError {
  const form = name === "cancel" ? '{"key":"…"}' : `{"ot":"TYPE",…} without ${reserved.join(", ")}`;
  const allowed = seen.includes("; allowed: ") ? "" : `; allowed: ${form}`;
  return new BowlineError("REQUEST_INVALID", `reading the ${name}: ${seen}${allowed}`);
}

export const shown = (value: unknown) => (JSON.stringify(value) ?? "missing").slice(0, 80);
