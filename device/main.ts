/** The standard firmware: telemetry and the standard requests, with no program of an author's. */
import { start } from "./bowline.ts";

start();
