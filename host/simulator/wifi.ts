/**
 * require("Wifi") of a simulated board, as an ESP32 has it: a failure is told by 'disconnected' and by the answer, and
 * what was lost is not joined again before the program asks. Without an Air it is in as soon as it asks.
 */
import type { Air } from "./air.ts";
import { Listeners } from "./listeners.ts";
import type { Callback, Run } from "./run.ts";

const INFO = { ip: "127.0.0.1", netmask: "255.0.0.0", gw: "127.0.0.1", mac: "02:00:00:00:00:01" };

export interface Wifi {
  /** What the program sees. */
  readonly api: object;
  /** Whether the network carries anything. */
  isUp(): boolean;
}

export function createWifi(run: Run, air?: Air): Wifi {
  const listeners = new Listeners(run);
  let joined = "";

  function onLost(): void {
    joined = "";
    run.later(() => listeners.emit("disconnected", { reason: "BEACON_TIMEOUT" }));
  }

  function leave(): void {
    if (joined !== "") air?.leave(joined, onLost);
    joined = "";
  }

  function connect(ssid: string, options: { password?: string }, onDone?: Callback): void {
    leave();
    const refusal = air?.join(ssid, options.password ?? "", onLost) ?? "";
    if (refusal === "") joined = ssid;
    run.later(() => {
      if (refusal === "") listeners.emit("connected", INFO);
      else listeners.emit("disconnected", { reason: refusal });
      run.call(onDone, refusal === "" ? null : refusal);
    });
  }

  run.atEnd(leave);
  return {
    isUp: () => air === undefined || joined !== "",
    api: {
      ...listeners.api,
      connect,
      disconnect: (onDone?: Callback) => {
        leave();
        run.later(() => run.call(onDone, null));
      },
      getIP: (onDone?: Callback) => {
        run.later(() => run.call(onDone, null, INFO));
        return INFO;
      },
    },
  };
}
