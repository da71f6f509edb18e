/** What a broker says of one publication, or why a connection to it ended. */

export class BrokerError extends Error {
  override readonly name = "BrokerError";

  /**
   * `code`: MQTT's reason, or one of ours, which are below 0; 0: none was given. `isLost`: the connection ended, and whether
   * the broker has what was on its way is not known.
   */
  constructor(
    message: string,
    readonly code: number,
    readonly isLost = false,
  ) {
    super(message);
  }
}

/** Of a PUBACK; also of what is not even sent, for it would end the connection. */
export const PACKET_TOO_LARGE = 0x95;
export const TOPIC_INVALID = 0x90;
const FORMAT_INVALID = 0x99;
const NOT_AUTHORIZED = 0x87;
/** Another client has connected with our name. */
export const SESSION_TAKEN_OVER = 0x8e;
/** It keeps nothing, so it does not even take a last will that it is to keep. */
export const RETAIN_NOT_SUPPORTED = 0x9a;
/** Ours: it answers pings, and acknowledges nothing. */
export const NO_ACKNOWLEDGEMENT = -1;

/** It will never take the same again: too large, of a form or under a topic that it does not want. */
export const isNever = (error: unknown): error is BrokerError =>
  error instanceof BrokerError &&
  !error.isLost &&
  [PACKET_TOO_LARGE, TOPIC_INVALID, FORMAT_INVALID].includes(error.code);

/** We may not write there, until somebody changes that. */
export const isForbidden = ({ code, isLost }: BrokerError): boolean => !isLost && code === NOT_AUTHORIZED;

/** What MQTT.js says; without a reason of MQTT's it is the line's, not the broker's. */
export function brokerError(error: Error): BrokerError {
  if (error instanceof BrokerError) return error;
  const { code, message } = error as Error & { code?: unknown };
  const text = message || (typeof code === "string" ? code : String(error));
  return typeof code === "number" ? new BrokerError(text, code) : new BrokerError(text, 0, true);
}

/** Of a DISCONNECT: those that people meet (MQTT 5, 3.14.2.1). */
const reasons: Readonly<Record<number, string>> = {
  129: "malformed packet",
  130: "protocol error",
  135: "not authorized",
  137: "the broker is busy",
  139: "the broker is shutting down",
  141: "keep alive timeout",
  142: "session taken over",
  144: "topic name invalid",
  147: "receive maximum exceeded",
  149: "packet too large",
  151: "quota exceeded",
  152: "administrative action",
};

export const nameOfReason = (code: number): string =>
  reasons[code] ?? `the broker has ended the connection (reason ${code})`;
