/** Error codes of IRC-IoT (its reference's numbers). Ours stay inside the gateway: none is said on the wire. */
export const FaultCode = {
  INVALID_DID: 103,
  CONTENT_MISMATCH: 104,
  /** Given up: an Object, a Datum, a fragment that never came. */
  OBJECT_MISSING: 111,
  DATUM_MISSING: 112,
  FRAGMENT_MISSING: 113,
  /** More than announced, or than we take. */
  OBJECTS_EXCEEDED: 121,
  DATUMS_EXCEEDED: 122,
  LENGTH_EXCEEDED: 123,
  OVERLAP_MISMATCH: 131,
  FRAGMENT_MISMATCH: 133,
  BASE64: 251,
  BASE32: 252,
  BASE85: 253,
  SCHEME: 300,
  ZLIB_HEADER: 301,
  ZLIB_INCOMPLETE: 303,
  /** Ciphers and signatures. */
  KEY: 351,
  INVALID_MESSAGE: 501,
  INVALID_ADDRESS: 503,
  DICTIONARY: 812,
  /** Of ours, above all of the reference's: signature refused, checksum wrong, sealed text altered. */
  SIGNATURE: 20_001,
  CHECKSUM: 20_002,
  SEALED: 20_003,
} as const;
export type FaultCode = (typeof FaultCode)[keyof typeof FaultCode];

/** Why something of a message was not taken. Decoders give these back; they never throw. */
export interface Fault {
  code: FaultCode;
  /** What was seen and what is allowed, for people. */
  reason: string;
}

/** What was to be sent cannot be: thrown before any counter moved or byte left. */
export class IrcIotError extends Error {
  override readonly name = "IrcIotError";
  constructor(
    readonly code: FaultCode,
    message: string,
  ) {
    super(message);
  }
}
