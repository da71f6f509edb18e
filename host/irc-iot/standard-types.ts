/** The types of the standard firmware, which each of its boards has in its local registry (interface: messages). */
import type { ItemDescription, TypeDescription } from "./type-description.ts";

const onOff = { on: true, off: false };
const pin: ItemDescription = {
  name: "pin",
  kind: "text",
  meaning: "name of the pin",
  required: true,
  label: "",
};
const free: ItemDescription = { name: "free", kind: "integer", meaning: "variables of memory that are free" };
const uptime: ItemDescription = {
  ...{ name: "uptime", kind: "duration", meaning: "time since it started", unit: "s", label: "up" },
};

export const standardTypes: readonly TypeDescription[] = [
  {
    ot: "l:telemetry",
    meaning: "how the board is, sent at its interval",
    items: [
      { name: "temp", kind: "number", meaning: "temperature inside the chip", unit: "°C" },
      { name: "supply", kind: "number", meaning: "supply voltage", unit: "V" },
      free,
      { name: "total", kind: "integer", meaning: "variables of memory that there are" },
      uptime,
      { name: "flags", kind: "list", meaning: "what went wrong since the last telemetry" },
      { name: "lost", kind: "integer", meaning: "messages that it had no room for", usual: 0 },
    ],
  },
  {
    ot: "l:pin",
    meaning: "an edge of a pin that is watched",
    items: [
      pin,
      { name: "v", kind: "integer", meaning: "level after the edge", words: { high: 1, low: 0 }, label: "" },
    ],
  },
  {
    ot: "l:progress",
    meaning: "how far a task of the board is",
    items: [{ name: "task", kind: "integer", meaning: "number of the request that began it" }],
  },
  {
    ot: "l:info",
    meaning: "what the board is",
    request: [],
    reply: [
      { name: "id", kind: "text", meaning: "its name" },
      { name: "fw", kind: "text", meaning: "its firmware", label: "" },
      { name: "board", kind: "text", meaning: "kind of board" },
      { name: "version", kind: "text", meaning: "version of Espruino", label: "Espruino" },
      { name: "serial", kind: "text", meaning: "serial number of the chip" },
      free,
      uptime,
      { name: "caps", kind: "list", meaning: "requests that it answers", label: "answers" },
      { name: "epoch", kind: "text", meaning: "the life that its numbers are of" },
      { name: "numbered", kind: "integer", meaning: "messages that it has given a number" },
      { name: "held", kind: "integer", meaning: "of these, not acknowledged yet" },
      { name: "refused", kind: "integer", meaning: "messages that it had no room for", usual: 0 },
    ],
  },
  {
    ot: "l:led",
    meaning: "switches the LED of the board",
    request: [
      { name: "on", kind: "flag", meaning: "whether it is lit", required: true, words: onOff, label: "" },
    ],
    reply: [{ name: "on", kind: "flag", meaning: "whether it is lit", words: onOff, label: "" }],
  },
  {
    ot: "l:read",
    meaning: "reads a pin",
    request: [
      pin,
      {
        name: "analog",
        kind: "flag",
        meaning: "measured, from 0 to 1",
        words: { analog: true, digital: false },
        label: "",
      },
    ],
    reply: [pin, { name: "v", kind: "number", meaning: "what it has", label: "" }],
  },
  {
    ot: "l:write",
    meaning: "writes a pin",
    request: [
      pin,
      { name: "value", kind: "level", meaning: "the level", required: true, words: onOff, label: "" },
    ],
    reply: [pin, { name: "value", kind: "level", meaning: "the level", words: onOff, label: "" }],
  },
  {
    ot: "l:watch",
    meaning: "has each edge of a pin sent, as l:pin",
    request: [
      pin,
      {
        ...{ name: "edge", kind: "text", meaning: "which edges; both when absent; none ends it", label: "" },
        choices: ["rising", "falling", "both", "none"],
      },
    ],
    reply: [pin, { name: "edge", kind: "text", meaning: "which edges", label: "" }],
  },
  {
    ot: "l:interval",
    meaning: "sets the time between telemetry",
    request: [
      {
        name: "s",
        kind: "duration",
        meaning: "time between two; 0: none is sent",
        required: true,
        min: 0,
        label: "every",
      },
    ],
    reply: [{ name: "s", kind: "duration", meaning: "time between two", label: "every" }],
  },
  {
    ot: "l:reboot",
    meaning: "restarts the board",
    request: [],
    reply: [{ name: "v", kind: "integer", meaning: "1: it will", words: { restarts: 1 }, label: "" }],
  },
];
