/** The section webhooks: HTTP servers that are told every message. */
import { z } from "zod";
import { enabled, gatewayName, text, whole } from "./fields.ts";
import { handedOn } from "./handed-on.ts";

const tls = z.strictObject({
  ca: text().optional().describe("authority of its certificate, a PEM file; those of the system when absent"),
  cert: text().optional().describe("this gateway's certificate for it, a PEM file"),
  key: text().optional().describe("its private key, a PEM file that others may not read"),
});

export const webhook = z.strictObject({
  enabled: enabled(
    "false: it is told nothing; what it has not been told waits, as long as the store holds it",
  ),
  name: gatewayName().describe("what it is called, and where it goes on is kept under"),
  url: z
    .url({
      protocol: /^https?$/,
      error: "takes http://HOST:PORT/PATH; or https:// in front, and a port of at most 65535",
    })
    .describe("what each message is posted to"),
  ...handedOn(),
  tokenFile: text().optional().describe("file with a token that is sent as Authorization: Bearer"),
  secretFile: text()
    .optional()
    .describe(
      "file with the secret that its messages are signed with: whsec_ and base64 of 24 to 64 bytes, or plain, of 24 bytes at least",
    ),
  tls: tls.prefault({}),
  timeoutS: whole(1, 600).default(10).describe("how long it may take to answer, s"),
  maxInFlight: whole(1, 256).default(8).describe("messages of different boards that are posted at once"),
});
