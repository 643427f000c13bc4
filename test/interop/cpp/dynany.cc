// An any taken apart with DynAny and put together again, basic value by basic value.
#include "samples.hh"
#include <omniORB4/dynAny.h>

using namespace DynamicAny;

namespace {
DynAnyFactory_ptr factory() {
  CORBA::Object_var object = the_orb_in_use()->resolve_initial_references("DynAnyFactory");
  return DynAnyFactory::_narrow(object);
}

CORBA::TCKind kind_of(DynAny_ptr v) {
  CORBA::TypeCode_var type = v->type();
  while (type->kind() == CORBA::tk_alias) type = type->content_type();
  return type->kind();
}

void transfer_basic(DynAny_ptr from, DynAny_ptr to) {
  switch (kind_of(from)) {
    case CORBA::tk_null:
    case CORBA::tk_void: return;
    case CORBA::tk_boolean: return to->insert_boolean(from->get_boolean());
    case CORBA::tk_octet: return to->insert_octet(from->get_octet());
    case CORBA::tk_char: return to->insert_char(from->get_char());
    case CORBA::tk_wchar: return to->insert_wchar(from->get_wchar());
    case CORBA::tk_short: return to->insert_short(from->get_short());
    case CORBA::tk_ushort: return to->insert_ushort(from->get_ushort());
    case CORBA::tk_long: return to->insert_long(from->get_long());
    case CORBA::tk_ulong: return to->insert_ulong(from->get_ulong());
    case CORBA::tk_longlong: return to->insert_longlong(from->get_longlong());
    case CORBA::tk_ulonglong: return to->insert_ulonglong(from->get_ulonglong());
    case CORBA::tk_float: return to->insert_float(from->get_float());
    case CORBA::tk_double: return to->insert_double(from->get_double());
    case CORBA::tk_string: {
      CORBA::String_var v = from->get_string();
      return to->insert_string(v);
    }
    case CORBA::tk_wstring: {
      CORBA::WString_var v = from->get_wstring();
      return to->insert_wstring(v);
    }
    case CORBA::tk_TypeCode: {
      CORBA::TypeCode_var v = from->get_typecode();
      return to->insert_typecode(v);
    }
    case CORBA::tk_objref: {
      CORBA::Object_var v = from->get_reference();
      return to->insert_reference(v);
    }
    case CORBA::tk_any: {
      // Not get_dyn_any and insert_dyn_any: omniORB's give an any around an empty one.
      CORBA::Any_var v = from->get_any();
      CORBA::Any_var made = rebuilt_any(v);
      to->insert_any(made);
      return;
    }
    default: throw CORBA::NO_IMPLEMENT();
  }
}

void transfer(DynAny_ptr from, DynAny_ptr to);

void transfer_parts(DynAny_ptr from, DynAny_ptr to) {
  const CORBA::ULong count = from->component_count();
  from->rewind();
  to->rewind();
  for (CORBA::ULong i = 0; i < count; i++) {
    DynAny_var part = from->current_component(), copy = to->current_component();
    transfer(part, copy);
    from->next();
    to->next();
  }
}

void transfer(DynAny_ptr from, DynAny_ptr to) {
  switch (kind_of(from)) {
    case CORBA::tk_enum: {
      DynEnum_var source = DynEnum::_narrow(from), target = DynEnum::_narrow(to);
      return target->set_as_ulong(source->get_as_ulong());
    }
    case CORBA::tk_fixed: {
      DynFixed_var source = DynFixed::_narrow(from), target = DynFixed::_narrow(to);
      CORBA::String_var value = source->get_value();
      target->set_value(value);
      return;
    }
    case CORBA::tk_union: {
      DynUnion_var source = DynUnion::_narrow(from), target = DynUnion::_narrow(to);
      DynAny_var discriminator = source->get_discriminator();
      target->set_discriminator(discriminator);
      if (source->has_no_active_member()) return;
      DynAny_var member = source->member(), copy = target->member();
      return transfer(member, copy);
    }
    case CORBA::tk_sequence: {
      DynSequence_var source = DynSequence::_narrow(from), target = DynSequence::_narrow(to);
      target->set_length(source->get_length());
      return transfer_parts(from, to);
    }
    case CORBA::tk_struct:
    case CORBA::tk_except:
    case CORBA::tk_array: return transfer_parts(from, to);
    default: return transfer_basic(from, to);
  }
}

DynAny_ptr rebuilt_dyn_any(DynAny_ptr from) {
  DynAnyFactory_var f = factory();
  CORBA::TypeCode_var type = from->type();
  DynAny_var to = f->create_dyn_any_from_type_code(type);
  transfer(from, to);
  return to._retn();
}
}  // namespace

CORBA::Any* rebuilt_any(const CORBA::Any& v) {
  DynAnyFactory_var f = factory();
  DynAny_var from = f->create_dyn_any(v);
  DynAny_var to = rebuilt_dyn_any(from);
  CORBA::Any_var made = to->to_any();
  from->destroy();
  to->destroy();
  return made._retn();
}
