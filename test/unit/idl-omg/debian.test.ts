import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { describe } from "./describe.ts";
import { DEBIAN, modelOf, STANDARD } from "./support.ts";

type Description = ReadonlyMap<string, readonly string[]>;

/** One of our files, the files of omniORB that declare the same, and where the two differ for a reason. */
interface Pair {
  readonly ours: string;
  readonly theirs: readonly string[];
  readonly defines?: readonly string[];
  /** Declarations not compared, by kind and scoped name, each with the reason. */
  readonly except?: Readonly<Record<string, string>>;
  /** Whether ours may declare more. */
  readonly isPart?: boolean;
}

const SERVICES: readonly Pair[] = [
  "CosEventChannelAdmin",
  "CosEventComm",
  "CosNotification",
  "CosNotifyChannelAdmin",
  "CosNotifyComm",
  "CosNotifyFilter",
  "CosPropertyService",
  "CosTime",
  "CosTimerEvent",
  "CosTrading",
  "CosTradingDynamic",
  "CosTradingRepos",
  "CosTypedEventChannelAdmin",
  "CosTypedEventComm",
  "CosTypedNotifyChannelAdmin",
  "CosTypedNotifyComm",
  "TimeBase",
].map((name) => ({ ours: `${name}.idl`, theirs: [`COS/${name}.idl`] }));

const PAIRS: readonly Pair[] = [
  ...SERVICES,
  {
    ours: "CosNaming.idl",
    theirs: ["COS/CosNaming.idl"],
    except: {
      "interface CosNaming/NamingContextExt":
        "theirs has AlreadyBound among what resolve_str raises, and calls its parameter n",
    },
  },
  {
    ours: "orb.idl",
    theirs: ["corbaidl.idl", "ir.idl", "boxes.idl"],
    defines: ["HAS_LongLong", "HAS_LongDouble"],
    except: {
      "enum CORBA/DefinitionKind": "theirs ends before what CORBA 3 has added",
      "interface CORBA/Container": "theirs cannot create local interfaces and values of CORBA 3",
    },
    isPart: true,
  },
  { ours: "pollable.idl", theirs: ["pollable.idl"] },
  {
    ours: "Messaging.idl",
    theirs: ["messaging.idl", "messaging_policy.idl"],
    except: {
      "struct Messaging/PolicyValue": "theirs writes CORBA::PolicyType out",
      "value Messaging/ExceptionHolder": "theirs has no state, and no list of exceptions",
    },
    isPart: true,
  },
  { ours: "Compression.idl", theirs: ["compression.idl"] },
];

function describeAll(
  paths: readonly string[],
  folders: readonly string[],
  pair: Pair,
): Description {
  return describe(modelOf(paths, folders, pair.defines));
}

function isExcepted(key: string, pair: Pair): boolean {
  const [kind, id = ""] = key.split(" ");
  const name = id.replace(/^IDL:omg\.org\/(.*):\d+\.\d+$/u, "$1");
  return Object.hasOwn(pair.except ?? {}, `${kind} ${name}`);
}

const isHere = existsSync(DEBIAN);

for (const pair of PAIRS) {
  const title = `${pair.ours} declares what omniORB's files do, with the same ids, members and order`;
  const run = isHere ? test : test.skip;
  run(isHere ? title : `${title} (skipped: no ${DEBIAN}, of package omniorb-idl)`, (t) => {
    const ours = describeAll([join(STANDARD, pair.ours)], [STANDARD], pair);
    const theirs = describeAll(
      pair.theirs.map((name) => join(DEBIAN, name)),
      [DEBIAN, join(DEBIAN, "COS")],
      pair,
    );
    t.true(theirs.size > 0);
    const excepted = new Set([...theirs.keys()].filter((key) => isExcepted(key, pair)));
    t.is(excepted.size, Object.keys(pair.except ?? {}).length, "every exception is needed");
    for (const [key, lines] of theirs) {
      if (excepted.has(key)) t.notDeepEqual(ours.get(key), lines, key);
      else t.deepEqual(ours.get(key), lines, key);
    }
    if (pair.isPart !== true)
      t.deepEqual([...ours.keys()].toSorted(), [...theirs.keys()].toSorted());
  });
}
