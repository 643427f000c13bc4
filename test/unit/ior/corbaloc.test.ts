import { hostname } from "node:os";
import test from "ava";
import {
  corbalocToIor,
  corbalocToString,
  iiopProfilesOf,
  parseCorbaloc,
  parseCorbaname,
  unixAddressesOf,
} from "../../../orb/ior/index.ts";
import { BAD_PARAM, MINOR } from "../../../orb/exception/index.ts";

const key = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

test("the shortest address means IIOP 1.0 at port 2809", (t) => {
  t.deepEqual(parseCorbaloc("corbaloc::host/NameService"), {
    addresses: [{ protocol: "iiop", minor: 0, host: "host", port: 2809 }],
    key: key("NameService"),
  });
});

test("several addresses share a key; scheme and protocol in any case", (t) => {
  const { addresses } = parseCorbaloc("CorbaLoc:IIOP:1.2@a.example:9,:b,iiop:1.1@[::1]:1050/k");
  t.deepEqual(addresses, [
    { protocol: "iiop", minor: 2, host: "a.example", port: 9 },
    { protocol: "iiop", minor: 0, host: "b", port: 2809 },
    { protocol: "iiop", minor: 1, host: "::1", port: 1050 },
  ]);
});

test("an IPv6 address may have a zone", (t) => {
  const text = "corbaloc:iiop:1.2@[fe80::1%25eth0]:2809/k";
  const loc = parseCorbaloc(text);
  t.like(loc.addresses[0], { host: "fe80::1%eth0", port: 2809 });
  t.is(corbalocToString(loc), text);
  t.deepEqual(parseCorbaloc("corbaloc:iiop:1.2@[fe80::1%eth0]/k"), loc);
});

test("rir names an initial reference and stands alone", (t) => {
  t.deepEqual(parseCorbaloc("corbaloc:rir:/TradingService"), {
    addresses: [{ protocol: "rir" }],
    key: key("TradingService"),
  });
  t.is(parseCorbaloc("corbaloc:rir:").key.length, 0);
  t.is(corbalocToString(parseCorbaloc("corbaloc:rir:/X")), "corbaloc:rir:/X");
  t.is(corbalocToString(parseCorbaloc("corbaloc:rir:")), "corbaloc:rir:");
  t.throws(() => parseCorbaloc("corbaloc:rir:,:host/k"), { message: /only address/u });
  t.throws(() => corbalocToIor(parseCorbaloc("corbaloc:rir:/X")), { instanceOf: BAD_PARAM });
});

test("an absent key and an empty key are no octets", (t) => {
  t.is(parseCorbaloc("corbaloc::h").key.length, 0);
  t.is(parseCorbaloc("corbaloc::h/").key.length, 0);
});

test("escapes in a key stand for any octet, and what needs none has none", (t) => {
  t.deepEqual(parseCorbaloc("corbaloc::h/a%00%fF/b;c").key, key("a\0\xff/b;c"));
  const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  const loc = {
    addresses: [{ protocol: "iiop", minor: 2, host: "::1", port: 1 }],
    key: all,
  } as const;
  const text = corbalocToString(loc);
  t.true(text.startsWith("corbaloc:iiop:1.2@[::1]:1/%00%01"));
  t.true(text.includes("$%25&'()*+,-./0123456789:;%3c=%3e?@ABC"));
  t.deepEqual(parseCorbaloc(text), loc);
});

const bad: readonly (readonly [text: string, character: number, minor: number])[] = [
  ["corba:loc::h/k", 1, MINOR.badScheme],
  ["corbaloc:h/k", 10, MINOR.badAddress],
  ["corbaloc:", 10, MINOR.badAddress],
  ["corbaloc::/k", 11, MINOR.badAddress],
  ["corbaloc::h:/k", 13, MINOR.badAddress],
  ["corbaloc::h:0/k", 13, MINOR.badAddress],
  ["corbaloc::h:65536/k", 13, MINOR.badAddress],
  ["corbaloc::h,:i:x/k", 16, MINOR.badAddress],
  ["corbaloc::h,/k", 13, MINOR.badAddress],
  ["corbaloc::2.0@h/k", 11, MINOR.badAddress],
  ["corbaloc::1.2@/k", 15, MINOR.badAddress],
  ["corbaloc::1.256@h/k", 11, MINOR.badAddress],
  ["corbaloc::1.@h/k", 11, MINOR.badAddress],
  ["corbaloc::[::1/k", 11, MINOR.badAddress],
  ["corbaloc::[::1]x/k", 16, MINOR.badAddress],
  ["corbaloc:ftp:h/k", 10, MINOR.badAddress],
  ["corbaloc::h/a%4", 14, MINOR.badSchemeSpecificPart],
  ["corbaloc::h/a%zz", 14, MINOR.badSchemeSpecificPart],
  ["corbaloc::h/a b", 14, MINOR.badSchemeSpecificPart],
  ["corbaloc::h/ä", 13, MINOR.badSchemeSpecificPart],
];

for (const [text, character, minor] of bad) {
  test(`${JSON.stringify(text)} is refused at character ${character}`, (t) => {
    const error = t.throws(() => parseCorbaloc(text), { instanceOf: BAD_PARAM });
    t.true(error.message.includes(`, character ${character}: `), error.message);
    t.is(error.minor, minor);
  });
}

test("omniunix: a socket by its path, between colons, in omniORB's words", (t) => {
  const text = "corbaloc:omniunix:/run/metro, 7.sock:,iiop:1.2@h:1,omniunix:rel:/a/b";
  const loc = parseCorbaloc(text);
  t.deepEqual(loc, {
    addresses: [
      { protocol: "omniunix", path: "/run/metro, 7.sock" },
      { protocol: "iiop", minor: 2, host: "h", port: 1 },
      { protocol: "omniunix", path: "rel" },
    ],
    key: key("a/b"),
  });
  t.is(corbalocToString(loc), text);
  t.is(parseCorbaloc("corbaloc:omniunix:/x:").key.length, 0);
  const [first] = iiopProfilesOf(corbalocToIor(loc));
  t.deepEqual([first?.minor, first?.host, first?.port], [2, hostname(), 0]);
  t.deepEqual(unixAddressesOf(first?.components ?? []), [
    { host: hostname(), path: "/run/metro, 7.sock" },
  ]);
  const { context } = parseCorbaname("corbaname:omniunix:/run/names.sock:/NameService#a");
  t.deepEqual(context.addresses, [{ protocol: "omniunix", path: "/run/names.sock" }]);
  for (const wrong of ["omniunix:", "omniunix:/x", "omniunix::/k", "omniunix:/x:k", "omniunix"]) {
    t.throws(() => parseCorbaloc(`corbaloc:${wrong}`), { instanceOf: BAD_PARAM }, wrong);
  }
});

test("a corbaloc becomes a reference without type, a profile per address", (t) => {
  const ior = corbalocToIor(parseCorbaloc("corbaloc::1.2@a:1,:b/k"));
  t.is(ior.typeId, "");
  t.deepEqual(
    iiopProfilesOf(ior).map(({ minor, host, port }) => [minor, host, port]),
    [
      [2, "a", 1],
      [0, "b", 2809],
    ],
  );
});

test("a corbaname is a context and a name; NameService is the key it need not say", (t) => {
  const { context, name } = parseCorbaname("corbaname::h:1050#a/b.kind%20%c3%a4");
  t.deepEqual(context, {
    addresses: [{ protocol: "iiop", minor: 0, host: "h", port: 1050 }],
    key: key("NameService"),
  });
  t.is(name, "a/b.kind ä");
  t.deepEqual(parseCorbaname("corbaname:rir:/Other#x").context.key, key("Other"));
  t.is(parseCorbaname("corbaname::h").name, "");
  t.is(parseCorbaname("corbaname::h#").name, "");
});

test("a name that is no UTF-8 is refused where it begins", (t) => {
  const error = t.throws(() => parseCorbaname("corbaname::h#%ff"), { instanceOf: BAD_PARAM });
  t.is(error.minor, MINOR.badSchemeSpecificPart);
  t.true(error.message.includes("character 14"));
});
