/** The recorded vectors of MoniQue, messages and first bytes of connections. */
import file from "./vectors.json" with { type: "json" };

export interface MessageVector {
  name: string;
  era: "A" | "B" | "C";
  layer: "com" | "tech";
  note: string;
  tag: string;
  frame0: string;
  frame1: string;
  fields: {
    id: string;
    pid: string;
    creator: string;
    created_at: number;
    expires_at: number;
    spec: string;
    encoding: "JSON" | "MessagePack";
    type: "config" | "result" | "error" | "data";
    data: { hex: string; text: string };
  };
  wire: { keys: "str" | "bin"; bin_fields: string[]; key_order: string[] };
}

export const messageVectors = file.vectors as readonly MessageVector[];

/** First bytes of connections: host/zmtp has them in a list of its own, and reads them. */
export const connectionVectors: readonly object[] = file.zmtp;

export function vectorNamed(name: string): MessageVector {
  const found = messageVectors.find((vector) => vector.name === name);
  if (found === undefined) throw new RangeError(`vectors: none is named ${name}`);
  return found;
}

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
