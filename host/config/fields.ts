/** The kinds of values that settings have, with what each allows. */
import { z } from "zod";

export const enabled = (meaning: string) => z.boolean().default(true).describe(meaning);

export const ignorable = () => enabled("false: as if the section were not written");

// Not z.int(): it ends the check of everything else, and a file's faults are told all at once.
export const whole = (min: number, max: number) =>
  z.number().min(min).max(max).refine(Number.isInteger).meta({ type: "integer" });

export const text = () => z.string().min(1, "is empty; leave the key out, or give it a value");

// iotgw: a host id is an unsigned 64-bit number; JavaScript's numbers are exact to 2^53 only, hence text. 0 is nobody's.
const largestHostId = 2n ** 64n - 1n;
export const isHostId = (id: string) => /^[1-9]\d{0,19}$/.test(id) && BigInt(id) <= largestHostId;

export const hostId = () =>
  z.string().refine(isHostId, { error: `takes a whole number from 1 to ${largestHostId}, in quotes` });

/** Of gateways: they stand in addresses and file names. */
export const gatewayName = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      "takes 1 to 64 letters, digits, dots, dashes and underscores",
    );

/** A listener's own certificate. `who`: those who connect to it. */
export const listenerTls = (who: string) =>
  z.strictObject({
    enabled: enabled(`false: ${who} speak in the clear`),
    cert: text().describe("the gateway's certificate, a PEM file"),
    key: text().describe("its private key, a PEM file that others may not read"),
    ca: text()
      .optional()
      .describe("authority of client certificates, which then stand for a key: a PEM file"),
  });
