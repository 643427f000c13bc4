// Writes checks.txt anew: after a check was added or renamed.
import { writeFile } from "node:fs/promises";
import { CHECKS_FILE } from "../support/omniorb.ts";
import { checksText } from "./listing.ts";

const text = await checksText();
if (text === undefined) throw new TypeError("omniORB is needed; npm test says how to install it");
await writeFile(CHECKS_FILE, text);
