/** Whether a request may take over a session that there is: by what it shows, or by who vouches for its wire (session D7). */
import { Proof, resumeText } from "../../shared/proof.ts";
import type { ServerSession } from "../session/server-session.ts";
import type { Wire } from "../session/wire.ts";
import { byteString, isMac } from "./mac.ts";

/** What is known of those who speak. */
export interface Trust {
  keyOf(device: string): Uint8Array | undefined;
  /** A certificate on this wire names it. */
  isVouchedFor(device: string): boolean;
  /** Who has no key may speak all the same. */
  isOpenToAll: boolean;
}

/** Put in the place of a key there is none of, so that a refusal takes as long (D7). */
const NO_KEY = new Uint8Array(Proof.KEY_SIZE);

/** `session` undefined: there is none with this id, which takes as long. With a proof its counter is used up. */
export function mayResume(
  session: ServerSession | undefined,
  shown: Uint8Array,
  wire: Wire,
  trust: Trust,
): boolean {
  const key = session === undefined ? undefined : trust.keyOf(session.device);
  const hasProof = shown.length === Proof.RESUME_ID_SIZE;
  const isProved = hasProof && isResumeProof(key ?? NO_KEY, session?.id ?? shown, shown);
  if (session === undefined || (!hasProof && shown.length !== Proof.ID_SIZE)) return false;
  if (key !== undefined && hasProof) return isProved && isCounted(session, shown);
  if (wire.isCable) return true;
  // Nobody has said who speaks: there is nothing to take over yet.
  if (session.device === "" || trust.isVouchedFor(session.device)) return true;
  return key === undefined && trust.isOpenToAll;
}

function isResumeProof(key: Uint8Array, id: Uint8Array, shown: Uint8Array): boolean {
  const [counterAt, macAt] = [Proof.ID_SIZE, Proof.ID_SIZE + Proof.COUNTER_SIZE];
  const text = resumeText(
    byteString(id.subarray(0, counterAt)),
    byteString(shown.subarray(counterAt, macAt)),
  );
  return isMac(key, text, shown.subarray(macAt));
}

/** Takes note of the counter, which must be above all before. */
function isCounted(session: ServerSession, shown: Uint8Array): boolean {
  const counter = Buffer.from(shown).readUInt32BE(Proof.ID_SIZE);
  if (counter <= session.resumes) return false;
  session.resumes = counter;
  return true;
}
