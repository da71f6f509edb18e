import { expect, test } from "vitest";
import { mendParts } from "./mend.ts";

/** Commands as they stand in a box. */
const shown = (mend: string) =>
  mendParts(mend).map(({ text, isCommand }) => (isCommand ? `[${text}]` : text));

test.each([
  ["bowline doctor", ["[npx bowline doctor]"]],
  ["bowline irc", ["[npx bowline irc]"]],
  [
    "look at its supply and its network; if it is not to come back: bowline devices forget other",
    ["look at its supply and its network; if it is not to come back:", "[npx bowline devices forget other]"],
  ],
  ["bowline ports; bowline doctor", ["[npx bowline ports]", "[npx bowline doctor]"]],
  [
    "bowline peers (address, host id and key of both ends); then look at the network between them",
    ["[npx bowline peers]", "(address, host id and key of both ends); then look at the network between them"],
  ],
  [
    "bowline timeline --since 1h (from where); one of yours: bowline pair, or bowline key add ID",
    [
      "[npx bowline timeline --since 1h]",
      "(from where); one of yours:",
      "[npx bowline pair]",
      "or",
      "[npx bowline key add ID]",
    ],
  ],
  ["sudo chmod g+rw /dev/ttyACM0", ["[sudo chmod g+rw /dev/ttyACM0]"]],
  ["df -h /data, then free some space", ["[df -h /data]", "then free some space"]],
  [
    "log out and in again, or for this terminal:\nnewgrp dialout",
    ["log out and in again, or for this terminal:", "[newgrp dialout]"],
  ],
  [
    "make room on its disk, or lower store.keepFreeBytes",
    ["make room on its disk, or lower store.keepFreeBytes"],
  ],
  [
    "webhooks[].url: a name that is known; getent hosts home.example",
    ["webhooks[].url: a name that is known", "[getent hosts home.example]"],
  ],
  ["curl -i -d '{}' http://home.example", ["[curl -i -d '{}' http://home.example]"]],
  [
    "mqtt.url; systemctl status mosquitto, on its machine",
    ["mqtt.url", "[systemctl status mosquitto]", "on its machine"],
  ],
  ["nats:// in place of tls:// in nats.servers", ["nats:// in place of tls:// in nats.servers"]],
  ["the board runs Espruino, but not bowline itself", ["the board runs Espruino, but not bowline itself"]],
])("of the mend %j only what is to be typed is a command", (mend, expected) => {
  expect(shown(mend)).toEqual(expected);
});
