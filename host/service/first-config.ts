/** The configuration that a service begins with. */
import { DATA_PATH } from "./install-place.ts";

export const FIRST_CONFIG = `# Bowline as a service. Check it: bowline config check -c /etc/bowline/bowline.yaml
# All keys: bowline config schema, docs/configuration.md. After a change: sudo systemctl restart bowline

data: ${DATA_PATH}

# Boards on cables, each by a name that stays: bowline ports
# serial:
#   - path: /dev/serial/by-id/usb-Espruino_Pico_0001-if00

# Boards on the network (each needs a key: bowline key add): tcp.host is 127.0.0.1 unless it stands here.
# tcp:
#   host: 0.0.0.0
`;
