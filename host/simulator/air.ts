/** The Wi-Fi networks within reach of simulated boards: they come and go, and each has a password. */

/** What a station is told at once: whether it is in, or why not, in the words of an ESP32. */
export type Admission = "" | "NO_AP_FOUND" | "AUTH_FAIL";

export class Air {
  /** Asked for since the beginning, with or without success. */
  attempts = 0;
  private readonly networks = new Map<string, string>();
  private readonly stations = new Map<string, Set<() => void>>();

  /** A network that comes, or has another password from now on; "" is an open one. */
  add(ssid: string, password: string): void {
    this.networks.set(ssid, password);
  }

  /** It is switched off, or out of reach: whoever was in is thrown out. */
  remove(ssid: string): void {
    this.networks.delete(ssid);
    for (const throwOut of this.stations.get(ssid) ?? []) throwOut();
  }

  /** `onLost` is called once the network has gone. */
  join(ssid: string, password: string, onLost: () => void): Admission {
    this.attempts++;
    const wanted = this.networks.get(ssid);
    if (wanted === undefined) return "NO_AP_FOUND";
    if (wanted !== password) return "AUTH_FAIL";
    const stations = this.stations.get(ssid) ?? new Set();
    this.stations.set(ssid, stations.add(onLost));
    return "";
  }

  leave(ssid: string, onLost: () => void): void {
    this.stations.get(ssid)?.delete(onLost);
  }
}
