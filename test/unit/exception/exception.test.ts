import test from "ava";
import * as exceptions from "../../../orb/exception/index.ts";
import {
  BAD_PARAM,
  Completion,
  completionFromOrdinal,
  completionToOrdinal,
  isSystemExceptionId,
  MARSHAL,
  MINOR,
  OBJECT_NOT_EXIST,
  SystemException,
  systemExceptionById,
  toSystemException,
  UNKNOWN,
  UserException,
} from "../../../orb/exception/index.ts";

type Class = new (message: string) => SystemException;

const CLASSES = Object.entries<unknown>(exceptions).filter(
  (entry): entry is [string, Class] =>
    /^[A-Z_]+$/u.test(entry[0]) && typeof entry[1] === "function",
);

test("all forty system exceptions carry their name and id, and come back by it", (t) => {
  t.is(CLASSES.length, 40);
  for (const [name, Exception] of CLASSES) {
    const e = new Exception("why");
    t.true(e instanceof SystemException);
    t.is(e.name, name);
    t.is(e.repositoryId, `IDL:omg.org/CORBA/${name}:1.0`);
    t.is(e.minor, 0);
    t.is(e.completed, Completion.no);
    t.true(isSystemExceptionId(e.repositoryId));
    const again = systemExceptionById(e.repositoryId, "why", 7, Completion.maybe);
    t.is(again.constructor, Exception);
    t.is(again.minor, 7);
    t.is(again.completed, Completion.maybe);
  }
});

test("any version of an id is known; an id CORBA lacks is UNKNOWN with OMG minor 2", (t) => {
  const gone = systemExceptionById("IDL:omg.org/CORBA/OBJECT_NOT_EXIST:2.3", "x", 0, Completion.no);
  t.true(gone instanceof OBJECT_NOT_EXIST);
  for (const id of ["IDL:omg.org/CORBA/HORROR:1.0", "", "IDL:omg.org/CORBA/toString:1.0"]) {
    const e = systemExceptionById(id, "x", 5, Completion.yes);
    t.true(e instanceof UNKNOWN);
    t.is(e.minor, 0x4f4d_0002);
    t.is(e.completed, Completion.yes);
    t.false(isSystemExceptionId(id));
  }
});

test("completion has the ordinals of the wire", (t) => {
  t.deepEqual([0, 1, 2, 3].map(completionFromOrdinal), [
    "COMPLETED_YES",
    "COMPLETED_NO",
    "COMPLETED_MAYBE",
    undefined,
  ]);
  t.is(completionToOrdinal(Completion.maybe), 2);
  t.is(completionToOrdinal("COMPLETED" as never), 2, "nobody knows");
});

test("a minor code is unsigned, however it was put together", (t) => {
  const vendor = 0x8123_4000;
  t.is(new UNKNOWN("x", vendor | 1).minor, 0x8123_4001);
  t.is(new UNKNOWN("x", Number.NaN).minor, 0);
});

test("minor codes are OMG's or ours, and ours are used once", (t) => {
  const ours = new Set<number>();
  for (const [name, code] of Object.entries(MINOR)) {
    if (code === 0 || code >>> 16 === 0x4f4d) continue;
    t.is((code & 0xffff_f000) >>> 0, 0xffff_f000, name);
    t.false(ours.has(code), `${name} repeats a code`);
    ours.add(code);
  }
  t.true(ours.size > 10);
});

test("what a peer is told keeps the cause", (t) => {
  const marshal = new MARSHAL("m");
  t.is(toSystemException(marshal, Completion.maybe), marshal);

  class Full extends UserException {
    override readonly repositoryId: string = "IDL:Store/Full:1.0";
  }
  const full = new Full("no room");
  const unlisted = toSystemException(full, Completion.maybe);
  t.true(unlisted instanceof UNKNOWN);
  t.is(unlisted.minor, MINOR.unlistedUserException);
  t.is(unlisted.cause, full);

  const bug = new TypeError("x is not a function");
  const unknown = toSystemException(bug, Completion.maybe);
  t.true(unknown instanceof UNKNOWN);
  t.is(unknown.minor, 0);
  t.is(unknown.completed, Completion.maybe);
  t.is(unknown.message, "TypeError: x is not a function");
  t.is(unknown.cause, bug);
});

test("a used-up call stack is MARSHAL, another RangeError is not", (t) => {
  const recurse = (n: number): number => recurse(n + 1) + 1;
  const overflow = t.throws(() => recurse(0), { instanceOf: RangeError });
  t.true(toSystemException(overflow, Completion.no) instanceof MARSHAL);
  t.true(toSystemException(new RangeError("out"), Completion.no) instanceof UNKNOWN);
});

test("things that are no errors, even without a text, become UNKNOWN", (t) => {
  for (const thrown of ["text", 5, null, undefined, Object.create(null), Symbol("s")]) {
    t.true(toSystemException(thrown, Completion.no) instanceof UNKNOWN);
  }
});

test("options reach Error", (t) => {
  const cause = new Error("inner");
  t.is(new BAD_PARAM("outer", MINOR.badAddress, Completion.yes, { cause }).cause, cause);
});
