/** The part of mqtt-packet's tables that is looked at; it has no types for them. */
declare module "mqtt-packet/constants.js" {
  const constants: { MQTT5_PUBACK_PUBREC_CODES: Record<number, string> };
  export default constants;
}
