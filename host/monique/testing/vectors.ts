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

export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
