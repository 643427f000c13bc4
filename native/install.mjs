// Builds the native addon where it can be built. What it gives (real-time scheduling, priority inheritance,
// the reactor) is not needed by anything else, so a failure is one line of advice and no failed installation.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ADDON = join(HERE, "build", "Release", "orb_native.node");
const SHIM = join(HERE, "build", "Release", "mead_shim.so");
/** A build takes about 5 s here; one that hangs must not hang the installation. */
const LIMIT_MS = 300_000;

/** A program on the path, or undefined. */
function program(name) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Whether the addon is newer than everything it is made of. */
function upToDate() {
  if (!existsSync(ADDON) || !existsSync(SHIM)) return false;
  const sources = ["src", "shim"].flatMap((folder) =>
    readdirSync(join(HERE, folder)).map((name) => join(HERE, folder, name)),
  );
  const built = statSync(ADDON).mtimeMs;
  return [join(HERE, "binding.gyp"), ...sources].every((path) => statSync(path).mtimeMs <= built);
}

/** npm brings node-gyp along: it names it to the scripts it runs, and otherwise it lies in npm's folder. */
function findNodeGyp() {
  const npm = program("npm");
  const beside = (cli) => join(dirname(cli), "..", "node_modules", "node-gyp", "bin", "node-gyp.js");
  return [
    process.env.npm_config_node_gyp,
    process.env.npm_execpath && beside(process.env.npm_execpath),
    npm && beside(realpathSync(npm)),
    join(dirname(process.execPath), "..", "lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js"),
  ].find((path) => path && existsSync(path));
}

/** Headers beside the running node spare the download that node-gyp would begin with. */
function headers() {
  const prefix = join(dirname(realpathSync(process.execPath)), "..");
  const given = process.env.npm_config_nodedir !== undefined;
  return !given && existsSync(join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

/** What keeps the addon from being built, and the way out; undefined when it is built. */
function build(verbose) {
  if (process.platform !== "linux") return `it is for Linux only, this is ${process.platform}`;
  const python = process.env.npm_config_python ?? process.env.PYTHON ?? program("python3") ?? program("python");
  const missing = [
    [python, "python3"],
    [program("make"), "make"],
    [process.env.CC ?? program("cc") ?? program("gcc"), "a C compiler"],
  ].filter(([found]) => found === undefined);
  if (missing.length > 0)
    return `${missing.map(([, what]) => what).join(", ")} not found (Debian, Ubuntu: apt install python3 make gcc)`;
  const nodeGyp = findNodeGyp();
  if (nodeGyp === undefined) return "node-gyp not found; it comes with npm: run \"npm rebuild orbweaver\"";
  const ran = spawnSync(process.execPath, [nodeGyp, "configure", "build", ...headers()], {
    cwd: HERE,
    encoding: "utf8",
    stdio: ["ignore", verbose ? "inherit" : "pipe", verbose ? "inherit" : "pipe"],
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ran.status === 0 && existsSync(ADDON)) return undefined;
  const lines = `${ran.stdout ?? ""}\n${ran.stderr ?? ""}`.split("\n");
  const said =
    lines.find((line) => /\berror:|fatal error/.test(line)) ??
    lines.find((line) => line.startsWith("gyp ERR! stack")) ??
    ran.error?.message;
  const why = said?.replace("gyp ERR! stack ", "").trim() ?? `node-gyp ended with ${ran.status}`;
  return `${why}; "npm run build:native -- --verbose" shows all of it`;
}

const fault = upToDate() ? undefined : build(process.argv.includes("--verbose"));
if (fault !== undefined)
  console.log(`orbweaver: native addon not built, so no real-time scheduling: ${fault}`);
