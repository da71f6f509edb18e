/**
 * Property names of shared/ and device/ that must leave the build as they were written, because someone else reads them.
 * Not listed, since names.mjs finds them: the language's and the board's (espruino.d.ts), and what a type that
 * device/bowline.ts exports has.
 */
const words = (text) => text.split(/\s+/).filter((word) => word !== "");

export const reserved = [
  // Payloads of packets (PROTOCOL.md, messages): datum, request, reply, cancel.
  ...words("ot v t rq re err kill src dst did"),
  // Hello, both directions.
  ...words("hello id epoch yourEpoch seq rx max fw board caps lost nonce proof key heartbeat"),
  // What the standard firmware's requests take and its answers and telemetry give.
  ...words(
    "on pin value edge state s temp supply free total memory uptime flags errors serial version interval numbered held refused",
  ),
  // Progress of a task.
  ...words("task of"),
  // Storage: bowline.json, written by the flasher, and what the firmware keeps over a restart, read by its next build.
  ...words("port path baud tcp host interval grace wifi ssid password token crashes"),
  // The author's API: names a program hands over or is handed, also where it is written without types.
  ...words("onRequest onOpen onClose start stop send request reply cancel progress name data every"),
];
