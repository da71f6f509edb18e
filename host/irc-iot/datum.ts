/** What IRC-IoT carries: a Datum as the rest of the gateway sees it, whole, with everything it inherited. */

/** `ot`, `src` and `dst` are its own by the time anybody sees it; the rest is the application's, passed on as it is. */
export interface Datum {
  ot: string;
  /** Addresses (IRC-IoT spec 600): device@place; `dst` "" is everybody. */
  src: string;
  dst: string;
  /** When it was made: "YYYY-MM-DD HH:MM:SS.ffffff" or ISO 8601. */
  t?: string;
  [field: string]: unknown;
}
