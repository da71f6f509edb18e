/** The section nats: a stream of NATS JetStream that every message is handed on to. */
import { z } from "zod";
import { enabled, text, whole } from "./fields.ts";
import { handedOn } from "./handed-on.ts";

const tls = z.strictObject({
  ca: text().optional().describe("authority of its certificate, a PEM file; those of the system when absent"),
  cert: text().optional().describe("this gateway's certificate for it, a PEM file"),
  key: text().optional().describe("its private key, a PEM file that others may not read"),
});

const create = z.strictObject({
  enabled: z.boolean().default(false).describe("true: a stream that is not there is made, as follows"),
  subjects: z
    .array(text().describe("what it takes; * stands for one word, > at the end for all that follow"))
    .default([])
    .describe("PREFIX.> when none is listed"),
  maxBytes: whole(0, 2 ** 50)
    .default(0)
    .describe("most bytes it holds, then it takes nothing and messages wait here; 0: no bound"),
  replicas: whole(1, 5).default(1).describe("servers of the cluster that each hold all of it"),
  dedupeWindowS: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(120)
    .describe("how long it knows an id again, s: longer than a message may be on its way in the network"),
});

export const nats = z.strictObject({
  enabled: enabled(
    "false: it is told nothing; what it has not been told waits, as long as the store holds it",
  ),
  servers: z
    .array(
      z
        .string()
        .regex(/^(nats|tls):\/\/[^\s/@]+$/, "takes nats://HOST:PORT or tls://HOST:PORT, without a password")
        .describe("address of a server of the cluster"),
    )
    .default([])
    .describe("any of them is connected to; none: messages are handed to no stream"),
  stream: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "takes 1 to 64 letters, digits, dashes and underscores")
    .default("bowline")
    .describe("name of the stream"),
  subject: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$/,
      "takes words of letters, digits, - and _, with dots between",
    )
    .default("bowline")
    .describe("what its subjects begin with: SUBJECT.GATEWAY.BOARD.TYPE"),
  create: create.prefault({}),
  user: text().optional().describe("who this gateway is to it; takes a passwordFile"),
  passwordFile: text().optional().describe("file with the password of user"),
  tokenFile: text().optional().describe("file with a token, in place of user"),
  credsFile: text().optional().describe("file of a user's JWT and seed (.creds), in place of user"),
  nkeyFile: text().optional().describe("file with the seed of an NKey, in place of user"),
  tls: tls.prefault({}),
  ...handedOn(),
  timeoutS: whole(1, 600).default(10).describe("how long it may take to answer, s"),
  maxInFlight: whole(1, 1024)
    .default(64)
    .describe("messages of different boards that are on their way at once"),
});
