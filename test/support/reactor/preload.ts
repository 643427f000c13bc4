// With ORBWEAVER_TRANSPORT=reactor every ORB of the process uses the native reactor where it would use node:net:
//   ORBWEAVER_TRANSPORT=reactor NODE_OPTIONS="--import $PWD/dist/test/support/reactor/preload.js" npx ava …
import { register } from "node:module";

const wish = process.env["ORBWEAVER_TRANSPORT"];
if (wish === "reactor") register("./hooks.js", import.meta.url);
else if (wish !== undefined && wish !== "net")
  throw new TypeError(`ORBWEAVER_TRANSPORT=${wish}: allowed are net and reactor`);
