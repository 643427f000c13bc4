import test from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { NamingCompany } from "../../support/names/index.ts";
import { ran } from "../../support/ran.ts";

test("who votes is printed, and changed by a majority", async (t) => {
  await using company = await NamingCompany.start();
  const ns = ["--ns", company.corbaloc(["d"])];
  t.deepEqual((await ran(["ns", "voters", ...ns])).out, [
    "epoch 1",
    "a",
    "b",
    "c",
    "1 contexts, 0 names in this peer's copy",
  ]);
  const changed = await ran(["ns", "voters", "b", "c", "d", ...ns]);
  t.deepEqual([changed.code, changed.err], [0, []]);
  t.deepEqual(changed.out.slice(1, 4), ["b", "c", "d"]);
  await company.stop("a");
  await company.stop("b");
  const bound = ["ns", "bind", "x", company.corbaloc(["c"]), "--ns", company.corbaloc(["c"])];
  t.is((await ran(bound)).code, 0);
});

test("without a majority it takes --force, which keeps what the peer knows", async (t) => {
  await using company = await NamingCompany.start();
  const ns = ["--ns", company.corbaloc(["d"])];
  await ran(["ns", "bind", "x", company.corbaloc(["d"]), ...ns]);
  await ran(["ns", "resolve", "x", ...ns]);
  for (const id of ["a", "b"]) await company.stop(id);
  const refused = await ran(["ns", "voters", "c", "d", ...ns, "--timeout", "3"]);
  t.is(refused.code, 1);
  t.regex(refused.err[0] ?? "", /no majority of the present voters \(a, b, c\) agreed/);
  const forced = await ran(["ns", "voters", "c", "d", "--force", ...ns]);
  t.deepEqual([forced.code, forced.err], [0, []]);
  t.regex(forced.out[0] ?? "", /^epoch \d{4,}, by force$/);
  t.is((await ran(["ns", "resolve", "x", ...ns])).code, 0);
  t.is((await ran(["ns", "bind", "y", company.corbaloc(["d"]), ...ns])).code, 0);
});

test("a naming service of one server has no voters, and a place is needed", async (t) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  await using naming = await startNaming({ orb });
  const url = `corbaloc:iiop:1.2@127.0.0.1:${orb.endpoints[0]?.port}/NameService`;
  const alone = await ran(["ns", "voters", "--ns", url]);
  t.is(alone.code, 2);
  t.regex(alone.err[0] ?? "", /is not one of several peers/);
  const ior = await ran(["ns", "voters", "--ns", orb.object_to_string(naming.root)]);
  t.regex(ior.err[0] ?? "", /--ns corbaloc::HOST:PORT\/NameService of one peer is needed/);
  t.regex((await ran(["ns", "voters", "--force"])).err[0] ?? "", /--force needs the addresses/);
});
