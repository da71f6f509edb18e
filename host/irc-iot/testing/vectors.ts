/** The recorded vectors of IRC-IoT, each with the policy by which it binds us, and who of us proves it. */
import vectorFile from "./vectors.json" with { type: "json" };

export type Policy = "must-match" | "semantic" | "accept" | "reject" | "deviate";

/** What the reference (PyIRCIoT) made of one message. `deinencap` is the text of a list of Datums. */
export interface ReferenceResult {
  deinencap?: unknown;
  output_pool?: string[];
}

/** The fields beside these depend on `kind` and are read by who claims it. */
export interface Vector {
  id: string;
  kind: string;
  policy: Policy;
  description: string;
  messages?: string[];
  our_expected?: unknown;
  [field: string]: unknown;
}

export const vectors = vectorFile.vectors as unknown as readonly Vector[];

export function vectorNamed(id: string): Vector {
  const found = vectors.find((vector) => vector.id === id);
  if (found === undefined) throw new RangeError(`vectors: none is named ${id}`);
  return found;
}

/** What the participant answers, asks and signs: all others are of the codec, or told in `background` to bind nobody. */
export const participantVectors: readonly string[] = [
  "C01",
  "C02",
  "C03",
  "C04",
  "C05",
  "C07",
  "C08-10",
  "C08-30",
  "C09-11",
  "C13",
  "M09",
  "M10",
];

/** How the reference behaves where we have nothing of the kind, and why we have not. */
export const background: Readonly<Record<string, string>> = {
  M04: "a mask of nick and host is no identity, so we match none",
  M05: "which nicks and channels there are is for the IRC server to say",
  M08: "the registries are our own",
  M13: "RSA is never written, so nothing is published with it",
  R01: "nothing is forwarded from channel to channel",
};

/** Vectors that the codec must prove. */
export const codecVectors: readonly Vector[] = vectors.filter(
  ({ id }) => !participantVectors.includes(id) && background[id] === undefined,
);
