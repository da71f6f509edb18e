/** What the sections mqtt, nats and webhooks keep in files, as the gateway reads it when it starts. */
import type { Config } from "../../config/schema.ts";
import { natsOptions } from "../../nats/nats-options.ts";
import { readWebhookKey } from "../../northbound/webhook-secret.ts";
import { readSecretOf } from "../../platform/settings-file.ts";
import { readClientTls } from "../../transports/tls-files.ts";

/** One for each system that is spoken to; each throws the first thing that is wrong in its files. */
export function upstreamReadings({
  mqtt,
  nats,
  webhooks,
}: Pick<Config, "mqtt" | "nats" | "webhooks">): (() => unknown)[] {
  return [
    ...(mqtt.enabled && mqtt.url !== undefined
      ? [() => [secret("mqtt.passwordFile", mqtt.passwordFile), readClientTls(mqtt.tls, "mqtt.tls")]]
      : []),
    ...(nats.enabled && nats.servers.length > 0 ? [() => natsOptions(nats, "")] : []),
    ...webhooks.flatMap(({ enabled, tokenFile, secretFile, tls }, i) => {
      const place = `webhooks.${i}`;
      const read = () => [
        secretFile === undefined ? undefined : readWebhookKey(`${place}.secretFile`, secretFile),
        secret(`${place}.tokenFile`, tokenFile),
        readClientTls(tls, `${place}.tls`),
      ];
      return enabled ? [read] : [];
    }),
  ];
}

const secret = (name: string, path: string | undefined) =>
  path === undefined ? undefined : readSecretOf(name, path);
