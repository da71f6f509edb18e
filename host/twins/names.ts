/** What the gateway's own parts are called as components: no two of them, and no board, have one name. */
import { twinName } from "../monique/names.ts";

/** Of parts that are no boards. */
const RESERVED = /^(request|gateway|store)$|^(serial|peer|irc)-/;

export class PartNames {
  /** `request`: the spec of tasks that name their board themselves. */
  readonly request: string;
  readonly gateway: string;
  readonly store: string;

  constructor(private readonly project: string) {
    this.request = `${project}_request`;
    this.gateway = `${project}_gateway`;
    this.store = `${project}_store`;
  }

  /** Also the spec of tasks for it. A board that is called as another part is marked, as one whose id does not fit. */
  board(id: string): string {
    // A blank fits no name, so this one is nobody's as it is.
    return twinName(this.project, RESERVED.test(id) ? `board ${id}` : id);
  }

  serial(path: string): string {
    return twinName(this.project, `serial-${path.replace(/^\/dev\//, "")}`);
  }

  peer(name: string): string {
    return twinName(this.project, `peer-${name}`);
  }

  irc(network: string): string {
    return twinName(this.project, `irc-${network}`);
  }

  /** What is behind the project in a name that begins as ours do. */
  ownOf(name: string): string {
    return name.slice(this.project.length + 1);
  }

  /** Whether it begins as ours do. */
  isOfProject(name: string): boolean {
    return name.startsWith(`${this.project}_`);
  }
}
