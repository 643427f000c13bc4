import type { DiagnosticCode } from "./diagnostic.ts";

/** What each diagnostic means and what to do, at more length than a message has. */
const EXPLANATIONS: Readonly<Record<DiagnosticCode, string>> = {
  "file-not-found":
    "A file named on the command line or by #include cannot be read. Quoted names are looked for beside the including file first, then, as names in angle brackets are, in the folders given by -I, in order, then in the system folders, and names in angle brackets at last beside the including file; names that other ORBs have for standard IDL, such as tao/TimeBase.pidl, mean the files of the system folders.",
  "include-depth":
    "Files include each other deeper or more often than any real set of files does. Most often an include guard (#ifndef NAME, #define NAME … #endif) or #pragma once is missing.",
  "circular-include":
    "A file includes itself, straight or by way of others, and nothing ends the circle. Put an include guard or #pragma once into each of the files named.",
  "bad-directive":
    "A line that begins with # is no directive of the preprocessor, or what follows its name has the wrong form.",
  "unbalanced-conditional":
    "#if, #ifdef and #ifndef need an #endif in the same file; #elif, #else and #endif need one of them before, and nothing but #endif comes after #else.",
  "error-directive":
    "The file has an #error directive in a part that is compiled. Its text says why.",
  "warning-directive": "The file has a #warning directive in a part that is compiled.",
  "bad-condition":
    "The expression after #if or #elif is no integer constant expression as C has it: numbers, defined(NAME), operators and parentheses. Names that are no macros count as 0.",
  "bad-macro":
    "A macro is defined or called in a wrong way: no name, a bad list of parameters, a wrong number of arguments, a call without its closing parenthesis, or an expansion without end.",
  "bad-pragma":
    "#pragma prefix takes a string, #pragma ID a name and a string, #pragma version a name and a version such as 1.2. Other pragmas are ignored.",
  "bad-character":
    "A character stands here that means nothing in IDL outside of comments and literals.",
  unterminated:
    "A comment, a string or a character literal has no end before the end of the file or of the line.",
  "bad-literal":
    "A literal has a wrong form: a digit that its base does not have, an unknown escape, a number too large for any type, or a character that its kind of string cannot hold.",
  "keyword-case":
    "Identifiers that differ from a keyword in upper and lower case only are not allowed in IDL. Put an underscore before the name, which is no part of it, or choose another. Words that CORBA 2.3 added give a warning only.",
  syntax:
    "The text does not follow the grammar of IDL. The message says what was expected at the place.",
  "later-keyword":
    "The name is a keyword of a later version of IDL. Without --idl it is taken for a name, with this warning; --idl 3 says that this is meant; --idl 4 makes it an error. An underscore before the name makes it a name in all versions.",
  "needs-idl4": "The construct came with IDL 4, and --idl 3 was asked for.",
  "nesting-too-deep":
    "Declarations, types or expressions are nested deeper than this compiler reads.",
  redefinition:
    "The name is declared already in the same scope, or is that of an inherited operation, attribute or state member, which cannot be declared again.",
  clash:
    "The name differs from another one of its scope in upper and lower case only, or it is the name of the scope around it, or it was used in this scope before with the meaning it has outside: IDL does not allow any of these. A member with the name of its type gets a warning, as it hides nothing, and so does a parameter but for one that differs from a typedef in case only; other compilers may refuse them.",
  "case-differs":
    "A name must be written at each use as it is declared, upper and lower case included.",
  "not-found":
    "Nothing of that name is declared before this place, here or in the scopes around it and their bases.",
  "not-a-scope":
    "Only modules, interfaces, valuetypes and what holds members have names inside that :: can reach.",
  "wrong-kind": "The name means something that is no type, where a type is needed.",
  ambiguous:
    "The name is inherited from more than one base, with different meanings. Types and constants can be written with the name of their interface before them; operations and attributes cannot be inherited so.",
  "incomplete-type":
    "A type that is only forward declared here is used where it must be complete: as a member, a base or a parameter. Only sequences of it may be used before, and references of interfaces.",
  "never-defined":
    "A forward declaration has no definition. For a struct or a union this is an error, and for an interface or a valuetype outside of modules that nothing names; others may be defined in a file that is not compiled here.",
  "bad-inheritance":
    "The base is none this kind of declaration can have: something other than an interface or valuetype, itself, the same one twice, a local one of one that is not, a concrete one of an abstract one.",
  "bad-constant":
    "The value is of another type than the constant, an operator does not apply to its type, or the type has no constants at all.",
  "out-of-range": "The value lies outside of what its type or its place allows.",
  "bad-union":
    "A union is switched by an integer type, a character type, boolean, octet or an enum; each label stands once; there is one default at most, and none when the labels name all values.",
  "bad-operation":
    "A oneway operation has no result, no out parameters and raises nothing, as its caller gets no answer; raises lists exceptions, each once.",
  "bad-repository-id":
    "A repository id has the form format:rest, such as IDL:M/X:1.0, and a declaration has one only: a second #pragma ID, #pragma version or typeid must say the same, and a forward declaration and its definition must have the same prefix.",
  "id-clash":
    "Two declarations have the same repository id, so that they cannot be told apart on the wire.",
  "implicit-conversion":
    "A constant is converted to its type: a plain character to a wide one, or digits that a fixed type has no place for are cut off. Other compilers may refuse it.",
  "bad-value":
    "A valuetype has one base with state at most, which comes first; abstract valuetypes have no state, no factories and abstract bases only; truncatable needs a base with state and no custom; one supported interface may be other than abstract; valuetypes are not boxed.",
  "bad-component":
    "provides and uses take interfaces; emits, publishes and consumes take event types; a home manages a component and has a valuetype as its key; components, connectors and homes inherit from their like.",
  "bad-template":
    "A template module is used with arguments it does not have parameters for, or what is used is no template module.",
  "bad-bits":
    "The bits of a bitmask or a bitset do not fit: 64 at most, each flag at a position of its own below @bit_bound, each field in the type it is read as.",
  "bad-annotation":
    "A parameter of an annotation has a value that makes no sense, such as two enumerators with the same @value.",
  "local-type":
    "An interface that is not local cannot pass references to local interfaces: they have no meaning outside of their process.",
  "unknown-import":
    "import names something that no file compiled here declares, and no file of that name is found. There is no interface repository to ask: use #include.",
};

/** What a code means and what to do; undefined for what is no code. */
export function explain(code: string): string | undefined {
  return Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code as DiagnosticCode] : undefined;
}

/** All codes, in the order of the stages. */
export function diagnosticCodes(): readonly DiagnosticCode[] {
  return Object.keys(EXPLANATIONS) as DiagnosticCode[];
}
