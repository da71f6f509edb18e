/** The section monique: the hub of components, its controller, and the gateway's own parts as components (MoniQue). */
import { z } from "zod";
import { enabled, listenerTls, text, whole } from "./fields.ts";

const DAY_MS = 86_400_000;

/** MoniQue: `project_message`; the technical ones (`error`) have no project. */
const projectName = /^[a-z0-9-]{1,63}_[a-z0-9-]{1,63}$/;
const projectWords =
  "takes a name like example_clock: small letters, digits and dashes around one underscore";

/** Each name with a value of its own. */
const named = <T extends z.ZodType>(value: T) => z.record(z.string().regex(projectName, projectWords), value);

const ports = (into: number, out: number, what: string) =>
  z.strictObject({
    in: whole(0, 65_535).default(into).describe(`port that takes ${what} from components; 0: any free one`),
    out: whole(0, 65_535).default(out).describe("port that hands them out; 0: any free one"),
  });

const hub = z.strictObject({
  enabled: enabled("false: nobody connects; the gateway's own parts are shown all the same"),
  host: text()
    .default("127.0.0.1")
    .describe("address that components connect to; beyond loopback only over TLS with their certificates"),
  com: ports(9000, 9001, "tasks, results and news").prefault({}),
  tech: ports(9024, 9025, "heartbeats and kills").prefault({}),
  tls: listenerTls("components").optional().describe("components speak over TLS"),
  insecure: z
    .boolean()
    .default(false)
    .describe("true: beyond loopback as well, anyone who reaches the ports may run and kill"),
  allow: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]{1,63}(_[a-z0-9-]{1,63})?$/, "takes a name like example_clock")
        .describe("a spec that may pass between components; all may while none is listed"),
    )
    .default([]),
  maxMessageBytes: whole(1024, 67_108_864)
    .default(4_194_304)
    .describe("largest message accepted of a component, bytes"),
});

const rest = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe("true: GET /v1/monitoring?last without a token as well, where the original has it"),
  host: text().default("127.0.0.1").describe("its address, of loopback only"),
  port: whole(0, 65_535).default(3000).describe("its port; 0: any free one"),
});

export const monique = z.strictObject({
  enabled: enabled("false: no hub, no components, no tasks"),
  hub: hub.prefault({}),
  controller: named(
    whole(0, 65_535).describe("port where workers of this spec connect, one task each; 0: any free one"),
  ).default({}),
  patienceS: named(
    whole(1, 604_800).describe(
      "how long a worker of this spec may take until it is given the next task, s; 300 when absent",
    ),
  ).default({}),
  project: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "takes small letters, digits and dashes")
    .default("bowline")
    .describe("what the names of the gateway's own parts begin with, as in bowline_sim-1"),
  frequencyMs: whole(100, DAY_MS).default(60_000).describe("time between heartbeats of its own parts, ms"),
  rhythmMs: named(
    whole(100, DAY_MS).describe("time between heartbeats of this component, ms; learned when absent"),
  ).default({}),
  configFile: text()
    .optional()
    .describe(
      "an original config.json; the hub's ports, allow and controller are then those in it, read anew when it changes",
    ),
  rest: rest.prefault({}),
});
