/** Which types there are: the global dictionary, and each robot's own local ones (IRC-IoT S-14, S-15). */
import { isNamed } from "../platform/name-pattern.ts";
import type { Datum } from "./datum.ts";
import { globalTypes } from "./global-types.ts";
import { LearnedTypes } from "./learned-types.ts";
import { standardTypes } from "./standard-types.ts";
import { isLocal, type TypeDescription } from "./type-description.ts";

/** A local type of the robots whose address `sender` names; * stands for any letters. */
export interface LocalType {
  sender: string;
  type: TypeDescription;
}

export interface RegistrySettings {
  /** Of whom the standard firmware's types are: "*@kitchen". */
  boards: readonly string[];
  /** As configured. Of several for one robot and type the first counts. */
  types: readonly LocalType[];
  /** The address of a board that people call by a name. */
  senderOf?: (device: string) => string;
}

/** What a Datum is, by who sent it and to whom. */
export type Role = "datum" | "request" | "reply";

/**
 * An `ot` with "l:" means what the robot that sends it says it means, so that two robots may use one name for two things
 * (IRC-IoT S-15). A description only says what something is called: what may be done never depends on it, and what
 * nobody has described is taken all the same.
 */
export class Registry {
  private readonly global = new Map(globalTypes.map((type) => [type.ot, type]));
  private readonly learned = new LearnedTypes();

  constructor(private readonly settings: RegistrySettings) {}

  /** The type `ot` of the robot `sender`, an address. */
  describe(ot: string, sender = ""): TypeDescription | undefined {
    if (!isLocal(ot)) return this.global.get(ot);
    return this.localTypes(sender).find((type) => type.ot === ot);
  }

  /** The local types of `sender`; without one the global dictionary. */
  list(sender = ""): TypeDescription[] {
    return sender === "" ? [...this.global.values()] : this.localTypes(sender);
  }

  /** What the robot `sender` can be asked, as far as it is known. */
  requestsOf(sender: string): TypeDescription[] {
    return this.localTypes(sender).filter(({ request }) => request !== undefined);
  }

  /** What any robot can be asked: to say what is meant before a board was named. */
  allRequests(): TypeDescription[] {
    const all = [...standardTypes, ...this.settings.types.map(({ type }) => type), ...this.learned.all()];
    return all.filter(({ request }) => request !== undefined);
  }

  /** The address of a board that people call `device`. */
  senderOf(device: string): string {
    return this.settings.senderOf?.(device) ?? device;
  }

  /**
   * The description that tells what `datum` says, and which of its parts. A request is its receiver's type: it means
   * what that one does when it is asked.
   */
  describeDatum(datum: Datum): { type: TypeDescription; role: Role } | undefined {
    const own = this.describe(datum.ot, datum.src);
    if (datum.re !== undefined || datum.err !== undefined) return own && { type: own, role: "reply" };
    const asked = datum.dst === "" ? undefined : this.describe(datum.ot, datum.dst);
    if (asked?.request !== undefined) return { type: asked, role: "request" };
    return own && { type: own, role: "datum" };
  }

  /** What `sender` has described of itself. False: no local type, which the global dictionary alone describes. */
  learn(sender: string, type: TypeDescription): boolean {
    if (!isLocal(type.ot) || sender === "") return false;
    this.learned.add(sender, type);
    return true;
  }

  /** What was learned comes last: the operator and the firmware are believed, not whoever speaks in a robot's name. */
  private localTypes(sender: string): TypeDescription[] {
    const { types, boards } = this.settings;
    const found = new Map<string, TypeDescription>();
    const add = (type: TypeDescription) => found.has(type.ot) || found.set(type.ot, type);
    for (const { sender: pattern, type } of types) if (isNamed([pattern], sender)) add(type);
    if (isNamed(boards, sender)) for (const type of standardTypes) add(type);
    for (const type of this.learned.of(sender)) add(type);
    return [...found.values()];
  }
}
