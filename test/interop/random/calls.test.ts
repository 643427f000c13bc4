// Random types as parameters and results of calls without stubs: ours of omniORB's servant without a skeleton, and
// omniORB's of ours. What is left out of the types types.test.ts says.
import { CodeSet } from "../../../orb/cdr/index.ts";
import { CdrOutput, writeAny } from "../../../orb/generated.ts";
import {
  Any,
  BAD_PARAM,
  DATA_CONVERSION,
  ORB_init,
  tc,
  type TypeCode,
} from "../../../orb/index.ts";
import { ObjectContext } from "../../../orb/object/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { describe, given } from "../checks/check.ts";
import { learn, mirrorOf, reflect } from "../checks/dii.ts";
import { runCppClient, startCppServer } from "../cpp-peers.ts";
import * as Interop from "../gen/Interop.ts";
import { randomTypeCodes, randomValues, SEED, typesOf } from "./typecodes.ts";
import { declareGroup, type Outcomes } from "../results.ts";
import { sameAny } from "../samples.ts";
import { Dynamic } from "../servants/constructed.ts";
import { Root } from "../servants/root.ts";

const peers = await findPeers();
/** Made once for both directions. */
let made: Promise<readonly TypeCode[]> | undefined;

/** Our calls of the servant of omniORB's server. */
async function callOmniorb(cpp: Peers, names: readonly string[]): Promise<Outcomes> {
  made ??= randomTypeCodes();
  const types = await made;
  await using server = await startCppServer(cpp);
  await using orb = await ORB_init();
  const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
  const mirror = await mirrorOf({ orb, root });
  const outcomes = new Map<string, string | undefined>();
  for (const name of names) {
    outcomes.set(name, undefined);
    for (const type of typesOf(name, types)) {
      const what = `seed ${SEED}, ${type.name()}`;
      try {
        await learn(mirror, type);
        for (const any of randomValues(type)) await reflect(mirror, any, what);
      } catch (thrown) {
        outcomes.set(name, `${what}: ${describe(thrown)}`);
        break;
      }
    }
  }
  return outcomes;
}

const AGREED = {
  giopMinor: 2,
  charSet: CodeSet.utf8,
  wcharSet: CodeSet.utf16,
  context: new ObjectContext(),
} as const;

/** omniORB's client agrees with our server on UTF-8, in which a char beyond ASCII cannot be sent. */
function isInUtf8(any: Any): boolean {
  try {
    writeAny(new CdrOutput(AGREED), any);
    return true;
  } catch (thrown) {
    if (thrown instanceof DATA_CONVERSION) return false;
    throw thrown;
  }
}

/** Makes and checks anys of random types by `INDEX/SAMPLE`; null where there is no such sample. */
class RandomAnys extends Dynamic {
  readonly #types: readonly TypeCode[];
  readonly #values = new Map<TypeCode, readonly Any[]>();

  constructor(types: readonly TypeCode[]) {
    super();
    this.#types = types;
  }

  override make(kind: string): Any {
    const [index = -1, sample = -1] = kind.split("/").map(Number);
    const type = this.#types[index];
    if (type === undefined) throw new BAD_PARAM(`no type ${kind}`);
    const values = this.#values.get(type) ?? randomValues(type, isInUtf8);
    this.#values.set(type, values);
    return values[sample] ?? new Any(tc.null, undefined);
  }

  override check(kind: string, v: Any): boolean {
    return sameAny(v, this.make(kind));
  }
}

/** A Root whose anys are random. */
class RandomRoot extends Root {
  readonly #anys: RandomAnys;

  constructor(orb: Awaited<ReturnType<typeof ORB_init>>, types: readonly TypeCode[]) {
    super(orb);
    this.#anys = new RandomAnys(types);
    orb.rootPOA.activate_object(this.#anys);
  }

  override _get_of_dynamic(): Interop.Dynamic {
    return this.#anys._this();
  }
}

/** omniORB's calls of our servant. */
async function serveOmniorb(cpp: Peers, names: readonly string[]): Promise<Outcomes> {
  made ??= randomTypeCodes();
  const types = await made;
  await using orb = await ORB_init();
  const reference = await orb.rootPOA.activate(new RandomRoot(orb, types));
  orb.rootPOA.the_POAManager.activate();
  const outcomes = await runCppClient(cpp, orb.object_to_string(reference), names);
  return new Map(
    Array.from(outcomes, ([name, why]) => [name, why && `seed ${SEED}, ${why}`] as const),
  );
}

declareGroup("random-calls/omniorb-servant", peers && ((names) => callOmniorb(peers, names)));
declareGroup("random-calls/omniorb-client", peers && ((names) => serveOmniorb(peers, names)));
