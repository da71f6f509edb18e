/** A gateway with everything the page shows: boards that are there and not, faults, noise, long texts, components and tasks. */
import { type FakeGateway, serialView } from "./fake-gateway.ts";
import { componentView, taskView } from "./fake-work.ts";

const cable = "/dev/serial/by-id/usb-Espruino_Pico_30003B-if00";

/** Ids of the house's tasks. */
export const tasks = {
  parent: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot",
  child: "zzcpwCnnZW0q5q1IKiVAtaaNGCYSXKnz8NZcIX8I",
  done: "xhEQUwqb2DMgsBHzaVsKcUaHxsgo9kYWkuFAiIvV",
  failed: "jPQ9useEAA1v7R3jPcgW4oZ54z31o4Iynne2iq0X",
};

export function fillHouse(gateway: FakeGateway): void {
  gateway.change("pico-kitchen");
  gateway.change("pico-cellar", { connected: false, missing: 3, lost: 12, via: cable });
  gateway.change("wifi-garden", { queued: 2 });
  gateway.links = [
    { name: cable, open: true, stalled: false, frames: 5321, noise: 17, stale: 1 },
    { name: "tcp 127.0.0.1:50000", open: true, stalled: false },
  ];
  const waitingFor = "opening /dev/ttyUSB7: no such port; plug the board in";
  const lent = { to: "bowline flash, pid 812", since: Date.now() };
  gateway.serial = [
    serialView("/dev/ttyUSB7", { waitingFor }),
    serialView("/dev/ttyUSB8", { state: "lent", lent }),
  ];
  gateway.deliver(telemetry(21.5), "pico-kitchen");
  gateway.deliver({ ot: "l:button", edge: "up", pin: "B3" }, "pico-kitchen");
  gateway.deliver(telemetry(7), "pico-cellar");
  gateway.deliver({ re: 7, err: "l:ledd: no such request" }, "pico-kitchen");
  const note = "a long text ".repeat(20);
  gateway.work.componentViews = [
    componentView("example_calculator", { message: "Processed message from 0000-jobcontrol" }),
    componentView("example_clock", { state: "late", isSilent: true, invalid: 2, address: "127.0.0.1:53124" }),
    componentView("bowline_pico-kitchen", {
      address: "here",
      creator: "pi-kitchen",
      message: "temp 21.5 °C",
    }),
  ];
  const at = Date.now();
  gateway.work.taskViews = [
    taskView({ id: tasks.child, parent: tasks.parent, at, spec: "example_bank" }),
    taskView({ id: tasks.parent, at, state: "running", on: "0000-calculator-py" }),
    taskView({ id: tasks.done, at, state: "result", result: { answer: 54 } }),
    taskView({ id: tasks.failed, at, state: "error", error: { code: 500, message: "unknown action %" } }),
  ];
  fillPast(gateway, at);
  gateway.deliver({ ot: "garden:soil", moisture: [412, 398, 455], note }, "wifi-garden");
}

/** An hour of values with a gap, what happened in it, and what is wrong by now. */
function fillPast(gateway: FakeGateway, now: number): void {
  const [kitchen, cellar] = ["pico-kitchen", "pico-cellar"].map((name) => ({ kind: "board" as const, name }));
  for (let i = 0; i < 360; i++) {
    if (i > 150 && i < 190) continue;
    const t = now - 3_600_000 + 10_000 * i;
    const series = (field: string) => ({ device: kitchen.name, type: "l:telemetry", field });
    gateway.history.add(series("temp"), t, 19 + (i % 41) / 10);
    gateway.history.add(series("free"), t, 2800 + (i % 7));
  }
  const wire = { via: "tcp 127.0.0.1:50000" };
  gateway.timeline.happen({
    kind: "down",
    at: now - 2_100_000,
    subject: kitchen,
    level: "warn",
    text: "disconnected",
  });
  const again = {
    kind: "resumed" as const,
    text: "session resumed",
    fields: { ...wire, resent: 23, repeats: 4 },
  };
  gateway.timeline.happen({ ...again, at: now - 1_700_000, subject: kitchen });
  const away = "has been away for 2 h; 3 messages may be missing";
  gateway.problems.become(
    {
      ...{ code: "BOARD_AWAY", level: "critical", subject: cellar, what: away },
      since: now - 7_260_000,
      mend: "look at its supply and its network; if it is not to come back: bowline devices forget pico-cellar",
    },
    {
      ...{ code: "PORT_FAULT", level: "warning", subject: { kind: "port", name: "/dev/ttyUSB7" } },
      ...{ what: "cannot be opened: no such port", since: now - 300_000, mend: "plug the board in" },
    },
  );
}

export function telemetry(temp: number): Record<string, unknown> {
  return {
    ot: "l:telemetry",
    temp,
    vdd: 3.294,
    free: 2810,
    total: 5000,
    uptime: 86_400,
    errors: "",
    lost: 0,
  };
}
