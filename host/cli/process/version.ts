/** The version of this program: package.json's. */
export { version } from "../../../package.json";
