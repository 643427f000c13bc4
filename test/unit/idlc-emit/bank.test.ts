import test from "ava";
import { MemoryTransport, type ORB, ORB_init } from "../../../orb/index.ts";
import * as Bank from "./golden/Bank.ts";

class Account extends Bank.AccountSkeleton {
  owner: string = "";
  readonly pings: number[] = [];
  pinged: () => void = () => undefined;
  isClosed: boolean = false;

  close(): void {
    if (this.isClosed) throw new Bank.Closable.Closed();
    this.isClosed = true;
  }
  _get_known_as(): Bank.Ref {
    return { $d: "check", iban: "PT50" };
  }
  _get_owner(): Promise<string> {
    return Promise.resolve(this.owner);
  }
  _set_owner(value: string): void {
    this.owner = value;
  }
  withdraw(cents: bigint): { result: bigint; log: Bank.Entries } {
    if (cents > Bank.LIMIT) throw new Bank.Account.NoFunds({ missing: cents - Bank.LIMIT });
    return { result: -cents, log: [{ text: "out", cents }] };
  }
  ping(n: number): void {
    this.pings.push(n);
    this.pinged();
  }
  joint(other: Bank.Account | null): Bank.Account {
    return other ?? this._this();
  }
}

/** A servant behind a reference that another ORB holds. */
async function opened(): Promise<{
  orbs: readonly ORB[];
  servant: Account;
  account: Bank.Account;
}> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const servant = new Account();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const remote = await client.string_to_object(server.object_to_string(local));
  const account = await Bank.Account.narrow(remote);
  if (account === null) throw new TypeError("the object is an Account");
  return { orbs: [client, server], servant, account };
}

async function close(orbs: readonly ORB[]): Promise<void> {
  for (const orb of orbs) await orb.destroy();
}

test("results, out parameters, attributes, unions", async (t) => {
  const { orbs, account } = await opened();
  t.deepEqual(await account.withdraw(5n), { result: -5n, log: [{ text: "out", cents: 5n }] });
  await account._set_owner("Ana");
  t.is(await account._get_owner(), "Ana");
  t.deepEqual(await account._get_known_as(), { $d: "check", iban: "PT50" });
  await close(orbs);
});

test("exceptions, declared in the interface and in its base", async (t) => {
  const { orbs, account } = await opened();
  const poor = await t.throwsAsync(account.withdraw(Bank.LIMIT + 7n), {
    instanceOf: Bank.Account.NoFunds,
  });
  t.is(poor?.missing, 7n);
  await account.close();
  await t.throwsAsync(account.close(), { instanceOf: Bank.Closable.Closed });
  await close(orbs);
});

test("oneway, and references both ways", async (t) => {
  const { orbs, servant, account } = await opened();
  const pinged = new Promise<void>((resolve) => {
    servant.pinged = resolve;
  });
  await account.ping(200);
  await pinged;
  t.deepEqual(servant.pings, [200]);
  const own = await account.joint(null);
  t.true(own instanceof Bank.AccountStub);
  t.true(own?._is_equivalent(account));
  t.true((await account.joint(own))?._is_equivalent(account));
  await close(orbs);
});

test("narrow goes up and down, and knows what is not of the type", async (t) => {
  const { orbs, account } = await opened();
  t.is(await Bank.Account.narrow(null), null);
  t.is(Bank.Account.uncheckedNarrow(null), null);
  const closable = await Bank.Closable.narrow(account);
  t.true(closable !== null && !(closable instanceof Bank.AccountStub));
  t.not(await Bank.Account.narrow(closable), null);
  const tied = Bank.Closable.tie({ close: () => undefined });
  const [, server] = orbs;
  const plain = await server?.rootPOA.activate(tied);
  t.is(await Bank.Account.narrow(plain), null);
  t.is(await Bank.Closable.narrow(plain).then((c) => c?.close()), undefined);
  await close(orbs);
});
