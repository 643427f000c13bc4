/**
 * What `#include <orb.idl>` gives: the names of module CORBA that IDL of applications uses.
 * CORBA::TypeCode is known to the compiler without it.
 */
export const ORB_IDL: string = `#pragma once
#pragma prefix "omg.org"
module CORBA {
  typedef string Identifier;
  typedef string RepositoryId;
  typedef string ScopedName;
  typedef string VersionSpec;
  typedef sequence<any> AnySeq;
  typedef sequence<boolean> BooleanSeq;
  typedef sequence<char> CharSeq;
  typedef sequence<wchar> WCharSeq;
  typedef sequence<octet> OctetSeq;
  typedef sequence<short> ShortSeq;
  typedef sequence<unsigned short> UShortSeq;
  typedef sequence<long> LongSeq;
  typedef sequence<unsigned long> ULongSeq;
  typedef sequence<long long> LongLongSeq;
  typedef sequence<unsigned long long> ULongLongSeq;
  typedef sequence<float> FloatSeq;
  typedef sequence<double> DoubleSeq;
  typedef sequence<string> StringSeq;
  typedef sequence<wstring> WStringSeq;
};
`;
