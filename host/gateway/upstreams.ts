/** All systems that messages are handed on to: webhooks, a stream of NATS, an MQTT broker. */
import type { Config } from "../config/schema.ts";
import { type MqttServices, mqttUpstreams } from "../mqtt/mqtt-upstream.ts";
import { natsUpstreams } from "../nats/nats-upstream.ts";
import { Northbound } from "../northbound/northbound.ts";

/** As the configuration has them; a broker's requests go to boards by `services`. */
export function upstreamsOf(config: Config, services: MqttServices): Northbound {
  return new Northbound(config, services, [
    ...natsUpstreams(config, services),
    ...mqttUpstreams(config, services),
  ]);
}
