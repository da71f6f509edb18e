/** The Objects of a Container: their Datums with all that they inherit, and their fragments. */
import type { Datum } from "./datum.ts";
import { type Fault, FaultCode } from "./fault-code.ts";
import { invalid, isCount, isName, isRecord, LONGEST_NAME, readId, textOf } from "./fields.ts";
import type { Limits } from "./limits.ts";
import type { Container, Fragment } from "./message.ts";

/** What an Object gives to its Datums. undefined: it has none. */
interface Inherited {
  oid: string;
  ot: string | undefined;
  src: string | undefined;
  dst: string | undefined;
  t: string | undefined;
}

/** Fills in `container`. A Fault: one of them is wrong, so the message is refused. */
export function readObjects(
  value: Record<string, unknown>,
  container: Container,
  limits: Limits,
): Fault | null {
  const { o } = value;
  if (o === undefined) return null;
  if (!Array.isArray(o)) return readObject(o, value, container, limits);
  for (let i = 0; i < o.length; i++) {
    const fault = readObject(o[i], value, container, limits);
    if (fault !== null) return fault;
  }
  return null;
}

function readObject(
  object: unknown,
  outer: Record<string, unknown>,
  container: Container,
  limits: Limits,
): Fault | null {
  if (!isRecord(object)) return invalid("an Object that is none");
  const { ot, src, dst, t, d, dc, dp } = object;
  const oid = readId(object.oid);
  if (oid === null || oid.length > LONGEST_NAME) return invalid("an Object without an oid");
  if (ot !== undefined && !isName(ot)) return invalid("an Object's ot, allowed is a word");
  if ((dc !== undefined && !isCount(dc)) || (dp !== undefined && !isCount(dp)))
    return invalid("dc or dp, allowed are whole numbers");
  if ((src !== undefined && typeof src !== "string") || (dst !== undefined && typeof dst !== "string"))
    return invalid("an Object's src or dst, allowed are strings");
  const inherited: Inherited = {
    oid,
    ot,
    src: src ?? textOf(outer.src),
    dst: dst ?? textOf(outer.dst),
    t: textOf(t) ?? textOf(outer.t),
  };
  container.oids.push(oid);
  if (!Array.isArray(d)) return readDatum(d, inherited, container, limits);
  for (let i = 0; i < d.length; i++) {
    const fault = readDatum(d[i], inherited, container, limits);
    if (fault !== null) return fault;
  }
  return null;
}

/** The Datum itself becomes what is delivered: nothing is copied, so a field of any name stays plain data. */
function readDatum(datum: unknown, inherited: Inherited, container: Container, limits: Limits): Fault | null {
  if (!isRecord(datum)) return invalid("a Datum, allowed are an object or an array of them");
  if (datum.ed !== undefined) return readFragment(datum, inherited, container, limits);
  const fault = completeDatum(datum, inherited);
  if (fault === null) container.datums.push(datum as Datum);
  return fault;
}

/** Gives a Datum what it inherits. A Fault: something is missing. */
export function completeDatum(
  datum: Record<string, unknown>,
  { ot, src, dst, t }: Omit<Inherited, "oid">,
): Fault | null {
  if (datum.ot === undefined) datum.ot = ot;
  if (datum.src === undefined) datum.src = src;
  if (datum.dst === undefined) datum.dst = dst;
  if (t !== undefined && datum.t === undefined) datum.t = t;
  if (!isName(datum.ot)) return invalid("a Datum's ot, needed is a word");
  if (typeof datum.src !== "string" || typeof datum.dst !== "string")
    return invalid("a Datum's src or dst, needed are strings");
  if (typeof datum.t === "number") datum.t = String(datum.t);
  if (datum.t !== undefined && typeof datum.t !== "string") return invalid("a Datum's t, allowed is a time");
  return null;
}

function readFragment(
  datum: Record<string, unknown>,
  inherited: Inherited,
  container: Container,
  limits: Limits,
): Fault | null {
  const { ed, bc, bp, em } = datum;
  const did = readId(datum.did);
  const ot = datum.ot ?? inherited.ot;
  if (
    typeof ed !== "string" ||
    did === null ||
    did.length > LONGEST_NAME ||
    !isCount(bc) ||
    !isCount(bp) ||
    !isName(ot)
  )
    return invalid("a fragment, needed are ed, did, bc, bp and ot");
  if (bc > limits.maxEncoded) return tooLong(`bc ${bc}, allowed is ${limits.maxEncoded}`);
  if (bp + ed.length > bc) return tooLong(`bp ${bp} and ${ed.length} characters, allowed is bc ${bc}`);
  if (ed.length === 0) return invalid("a fragment of no characters");
  const fragment: Fragment = { oid: inherited.oid, ot, did, bc, bp, ed };
  if (typeof em === "string") fragment.em = em;
  fragment.src = textOf(datum.src) ?? inherited.src;
  fragment.dst = textOf(datum.dst) ?? inherited.dst;
  fragment.t = textOf(datum.t) ?? inherited.t;
  container.fragments.push(fragment);
  return null;
}

function tooLong(seen: string): Fault {
  return { code: FaultCode.LENGTH_EXCEEDED, reason: `fragment: ${seen}` };
}
