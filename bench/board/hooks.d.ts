/** Between a client and the probe around it, on the board. */

/** The probe's: takes what leaves, and the text of each packet. */
declare function benchWrite(bytes: Uint8Array | string): void;
declare function benchTake(text: string): void;
/** The client's: is told what came, and sends a packet; how many are held. */
declare var benchHear: (data: string) => void;
declare var benchSend: (text: string) => number;
