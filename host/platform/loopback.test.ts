import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1"])("%s is the loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(["0.0.0.0", "192.168.1.7", "::", "127.0.0.1.example", "1127.0.0.1", ""])("%s is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
