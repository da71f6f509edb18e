/** The body of PROVE: the proof of the side that dialled, 32 bytes and nothing else. */
import { Proof } from "../../shared/proof.ts";
import { badFrame, type FrameFault } from "./frame-fault.ts";

/** bytes[start…end) as a proof, copied. */
export function decodeProof(bytes: Uint8Array, start: number, end: number): Uint8Array | FrameFault {
  if (end - start !== Proof.MAC_SIZE)
    return badFrame(`PROVE: ${end - start} bytes; allowed ${Proof.MAC_SIZE}`);
  return new Uint8Array(bytes.subarray(start, end)); // slice() of a Buffer is a view
}
