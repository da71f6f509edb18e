/** ZMTP read the simple way: a whole stream at once, with the sizes as they are written. */
import type { DecoderLimits } from "../../host/zmtp/decoder.ts";

export function readWhole(stream: Uint8Array, limits: DecoderLimits): string[] {
  const hex = Buffer.from(stream).toString("hex");
  if (!hex.startsWith("ff") && hex !== "") return ["fault BAD_GREETING"];
  if (hex.length >= 20 && hex.slice(18, 20) !== "7f") return ["fault BAD_GREETING"];
  if (hex.length >= 22 && stream[10] < 3) return ["fault BAD_VERSION"];
  if (hex.length >= 64 && hex.slice(24, 64) !== "4e554c4c".padEnd(40, "0")) return ["fault BAD_MECHANISM"];
  if (stream.length < 64) return [];
  return [`greeting ${stream[10]}.${stream[11]}`, ...readUnits(stream.slice(64), limits)];
}

function readUnits(stream: Uint8Array, limits: DecoderLimits): string[] {
  const said: string[] = [];
  let parts: string[] = [];
  for (let rest = stream; rest.length >= 2; ) {
    const [flags] = rest;
    const [isMore, isLong, isCommand] = [(flags & 1) > 0, (flags & 2) > 0, (flags & 4) > 0];
    const isAllowed = flags < 8 && (!isCommand || (!isMore && parts.length === 0));
    if (!isAllowed) return [...said, "fault BAD_FRAME"];
    if (parts.length === limits.parts) return [...said, "fault TOO_MANY_PARTS"];
    const header = isLong ? 9 : 2;
    if (rest.length < header) return said;
    const size = BigInt(`0x${Buffer.from(rest.subarray(1, header)).toString("hex")}`);
    const before = BigInt(parts.join("").length / 2);
    const most = BigInt(isCommand ? limits.commandBytes : limits.messageBytes);
    if (before + size > most) return [...said, "fault MESSAGE_TOO_LONG"];
    const end = header + Number(size);
    if (rest.length < end) return said;
    const body = Buffer.from(rest.subarray(header, end));
    rest = rest.subarray(end);
    if (isCommand) {
      const name = body.subarray(1, 1 + (body[0] ?? 0));
      if (name.length === 0 || name.length < body[0]) return [...said, "fault BAD_COMMAND"];
      said.push(`command ${name.toString("latin1")} ${body.subarray(1 + body[0]).toString("hex")}`);
    } else {
      parts.push(body.toString("hex"));
      if (!isMore) said.push(`message ${parts.join(" ")}`);
      if (!isMore) parts = [];
    }
  }
  return said;
}
