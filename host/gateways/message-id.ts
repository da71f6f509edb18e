/** What a numbered frame is known by on its whole way: who made it, in which life, and that one's number (iotgw §3 MSGID). */

export interface MessageId {
  origin: bigint;
  /** Of the origin's store. */
  epoch: bigint;
  lane: number;
  seq: number;
}

/** As text, for maps and for people. */
export function formatMessageId({ origin, epoch, lane, seq }: MessageId): string {
  return `${origin}.${formatEpoch(epoch)}.${lane}.${seq}`;
}

/** Of what formatMessageId() wrote. */
export function parseMessageId(text: string): MessageId {
  const [origin, epoch, lane, seq] = text.split(".");
  return { origin: BigInt(origin), epoch: parseEpoch(epoch), lane: Number(lane), seq: Number(seq) };
}

/** As the store writes epochs: 16 hex digits. */
export function formatEpoch(epoch: bigint): string {
  return epoch.toString(16).padStart(16, "0");
}

export function parseEpoch(text: string): bigint {
  return BigInt(`0x${text}`);
}
