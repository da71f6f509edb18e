import { expect, test } from "vitest";
import { entryOf } from "./log-entry.ts";

test("an event of a board is what the log says, with what belongs to it", () => {
  expect(
    entryOf(
      "info",
      { device: "sim-1", event: "resumed", via: "tcp 10.0.0.7:4711", repeats: 3 },
      "session resumed",
    ),
  ).toEqual({
    level: "info",
    kind: "resumed",
    subject: { kind: "board", name: "sim-1" },
    text: "session resumed",
    fields: { via: "tcp 10.0.0.7:4711", repeats: 3 },
  });
});

test("a fault of a port has its code and its mend", () => {
  const fields = { path: "/dev/ttyACM0", event: "fault", code: "PORT_MISSING", mend: "plug it in" };
  expect(entryOf("warn", fields, "it does not exist")).toEqual({
    level: "warn",
    kind: "fault",
    subject: { kind: "port", name: "/dev/ttyACM0" },
    text: "it does not exist",
    fields: { code: "PORT_MISSING" },
    mend: "plug it in",
  });
});

test.each([
  [
    { device: "a", via: "serial /dev/x" },
    { kind: "board", name: "a" },
  ],
  [{ path: "/dev/x" }, { kind: "port", name: "/dev/x" }],
  [{ via: "serial /dev/x" }, { kind: "port", name: "/dev/x" }],
  [{ via: "tcp 10.0.0.7:4711" }, { kind: "link", name: "tcp 10.0.0.7:4711" }],
  [
    { peer: "42", via: "tcp 10.0.0.7:4711" },
    { kind: "gateway", name: "42" },
  ],
  [{ gateway: "43" }, { kind: "gateway", name: "43" }],
  [
    { component: "irc", network: "lab" },
    { kind: "network", name: "lab" },
  ],
  [{ component: "example" }, { kind: "component", name: "example" }],
  [
    { component: "example", task: "t1" },
    { kind: "task", name: "t1" },
  ],
  [{ about: "store" }, { kind: "store", name: "" }],
  [{ forS: 60 }, { kind: "bowline", name: "" }],
])("%j is about %j", (fields, subject) => {
  expect(entryOf("warn", fields, "x")?.subject).toEqual(subject);
});

test("what is no event and no warning counts where it names whom it is about, but not for a mere connection", () => {
  expect(entryOf("info", { device: "a" }, "is given its key")?.kind).toBe("note");
  expect(entryOf("info", { forS: 60 }, "pairing open")?.kind).toBe("note");
  expect(entryOf("info", { via: "tcp 10.0.0.7:4711" }, "connection dropped")).toBeNull();
  expect(entryOf("info", { via: "serial /dev/x" }, "connection over")).toBeNull();
  expect(entryOf("warn", { via: "tcp 10.0.0.7:4711" }, "hello refused")?.kind).toBe("note");
  expect(entryOf("debug", { device: "a" }, "x")).toBeNull();
});

test("a line that is no line of the usual log may state an event, and no other word is one", () => {
  expect(entryOf("debug", { device: "a", event: "repeats", repeats: 2 }, "x")).toMatchObject({
    level: "info",
  });
  expect(entryOf("debug", { device: "a", event: "party" }, "x")).toBeNull();
  expect(entryOf("info", { device: "a", event: "party" }, "x")?.kind).toBe("note");
});

test("nothing that strangers say makes an entry large", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, "x".repeat(1e5)]));
  const entry = entryOf(
    "warn",
    { ...many, component: "c".repeat(1e5), nested: { deep: [1, 2] } },
    "t".repeat(1e5),
  );
  expect(JSON.stringify(entry).length).toBeLessThan(2500);
});
