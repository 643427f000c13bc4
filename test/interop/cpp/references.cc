#include "references.hh"
#include <cstring>
#include <stdexcept>

namespace {
std::string octets_of(const std::string& ior) {
  std::string octets;
  for (size_t i = 4; i + 1 < ior.size(); i += 2) octets += static_cast<char>(std::stoi(ior.substr(i, 2), nullptr, 16));
  return octets;
}

std::string text_of(const std::string& octets) {
  static const char digits[] = "0123456789abcdef";
  std::string text = "IOR:";
  for (unsigned char octet : octets) {
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

// Reads numbers of either byte order out of an encapsulation whose first octet says which.
class Reader {
 public:
  Reader(const std::string& octets, size_t start) : m_octets(octets), m_start(start), m_at(start + 1) {
    m_little = octets.at(start) == 1;
  }
  CORBA::ULong number(size_t size) {
    m_at = m_start + (m_at - m_start + size - 1) / size * size;
    CORBA::ULong v = 0;
    for (size_t i = 0; i < size; i++) {
      const unsigned char octet = m_octets.at(m_at + (m_little ? size - 1 - i : i));
      v = v << 8 | octet;
    }
    m_at += size;
    return v;
  }
  std::string text() {
    const size_t length = number(4);
    const std::string v = m_octets.substr(m_at, length - 1);
    m_at += length;
    return v;
  }
  size_t at() const { return m_at; }

 private:
  const std::string& m_octets;
  const size_t m_start;
  size_t m_at;
  bool m_little;
};

std::string octets_of(CORBA::ORB_ptr orb, CORBA::Object_ptr object) {
  CORBA::String_var text = orb->object_to_string(object);
  return octets_of(std::string(text.in()));
}
}  // namespace

CORBA::Object_ptr without_type(CORBA::ORB_ptr orb, CORBA::Object_ptr object) {
  const std::string octets = octets_of(orb, object);
  Reader reader(octets, 0);
  reader.text();
  reader.number(4);  // the count of profiles, 4-aligned here and below
  const std::string little("\1\0\0\0\1\0\0\0\0\0\0\0", 12), big("\0\0\0\0\0\0\0\1\0\0\0\0", 12);
  const std::string untyped = (octets[0] == 1 ? little : big) + octets.substr(reader.at() - 4);
  return orb->string_to_object(text_of(untyped).c_str());
}

std::string corbaloc_beside(CORBA::ORB_ptr orb, CORBA::Object_ptr object, const std::string& key) {
  const std::string octets = octets_of(orb, object);
  Reader reader(octets, 0);
  reader.text();
  for (CORBA::ULong left = reader.number(4); left > 0; left--) {
    const CORBA::ULong tag = reader.number(4), length = reader.number(4);
    if (tag == 0) {
      Reader profile(octets, reader.at());
      profile.number(1);
      const CORBA::ULong minor = profile.number(1);
      const std::string host = profile.text();
      const CORBA::ULong port = profile.number(2);
      return "corbaloc:iiop:1." + std::to_string(minor) + "@" + host + ":" + std::to_string(port) + "/" + key;
    }
    if (left > 1 || length == 0) throw std::runtime_error("the first profile is not IIOP");
  }
  throw std::runtime_error("no IIOP profile");
}
