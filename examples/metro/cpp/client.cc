// A client of Metro.idl for omniORB: looks around, announces, gives an order, and waits for an alarm
// at a callback object of its own. It knows nothing of the ORB at the other end.
//
// Built on Debian, in this folder, by three lines:
//
//   sudo apt-get install -y g++ omniidl libomniorb4-dev
//   omniidl -bcxx ../Metro.idl
//   g++ -o metro-client client.cc MetroSK.cc -lomniORB4 -lomnithread
//
// and run where a naming service knows the control center:
//
//   ./metro-client -ORBInitRef NameService=corbaloc::localhost:2809/NameService

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include "Metro.hh"

namespace {

using Clock = std::chrono::steady_clock;

double microsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

// ---- text ----

std::string utf8(const CORBA::WChar* text) {
  std::string out;
  for (; *text; ++text) {
    unsigned long c = static_cast<unsigned long>(*text);
    // omniORB hands on the code units of UTF-16: two of them make one character beyond the BMP.
    if (c >= 0xd800 && c < 0xdc00 && text[1] >= 0xdc00 && text[1] < 0xe000)
      c = 0x10000 + ((c - 0xd800) << 10) + (static_cast<unsigned long>(*++text) - 0xdc00);
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(first[more] | (c >> (6 * more)));
    for (int shift = 6 * (more - 1); shift >= 0; shift -= 6)
      out += static_cast<char>(0x80 | ((c >> shift) & 0x3f));
  }
  return out;
}

// Fills up to `width` characters; UTF-8 takes more octets than columns.
std::string padded(const std::string& text, size_t width) {
  size_t columns = 0;
  for (unsigned char octet : text) columns += (octet & 0xc0) != 0x80;
  return columns < width ? text + std::string(width - columns, ' ') : text;
}

std::string joined(const Metro::Strings& parts, const char* between) {
  std::string out;
  for (CORBA::ULong i = 0; i < parts.length(); ++i) out += (i ? between : "") + std::string(parts[i]);
  return out;
}

std::string timeOfDay(Metro::Instant micros) {
  const time_t seconds = static_cast<time_t>(micros / 1000000);
  struct tm local;
  localtime_r(&seconds, &local);
  char text[32];
  const size_t n = strftime(text, sizeof text, "%H:%M:%S", &local);
  snprintf(text + n, sizeof text - n, ".%03u", static_cast<unsigned>(micros / 1000 % 1000));
  return text;
}

const char* levelName(Metro::Traffic level) {
  static const char* names[] = {"normal", "critical", "alarm"};
  return names[level];
}

std::string readingText(const Metro::Reading& reading) {
  char text[128];
  switch (reading._d()) {
    case Metro::track:
      snprintf(text, sizeof text, "train %s %s at %.1f m/s", reading.train().train.in(),
               reading.train().inbound ? "inbound" : "outbound", reading.train().speed);
      return text;
    case Metro::temperature:
      snprintf(text, sizeof text, "%.1f degrees", reading.celsius());
      return text;
    case Metro::door:
      return reading.open() ? "door open" : "door shut";
    default:
      return utf8(reading.note());
  }
}

void heading(const std::string& text) { std::cout << "\n" << text << "\n"; }

// ---- the callback object ----

class Listener : public POA_Metro::AlarmListener {
 public:
  void raised(const Metro::AlarmEvent& what) override {
    std::lock_guard<std::mutex> lock(mutex_);
    arrived_.push_back(Arrival{what, Clock::now()});
    changed_.notify_all();
  }
  void over(const char* reason) override { std::cout << "  no more alarms: " << reason << "\n"; }

  struct Arrival {
    Metro::AlarmEvent what;
    Clock::time_point at;
  };

  // Alarm number `index` (from 0) since the start; throws when it takes longer than contracted.
  Arrival wait(size_t index) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(2), [&] { return arrived_.size() > index; }))
      throw std::string("no alarm arrived within the contracted 2 s");
    return arrived_[index];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Arrival> arrived_;
};

// ---- names ----

void showBindings(CosNaming::NamingContext_ptr context, const std::string& path);

void showBinding(CosNaming::NamingContext_ptr context, const CosNaming::Binding& binding,
                 const std::string& path) {
  const CosNaming::NameComponent& last = binding.binding_name[0];
  const std::string kind = last.kind.in();
  const std::string name = path + last.id.in() + (kind.empty() ? "" : "." + kind);
  if (binding.binding_type == CosNaming::ncontext) {
    CORBA::Object_var object = context->resolve(binding.binding_name);
    CosNaming::NamingContext_var inner = CosNaming::NamingContext::_narrow(object);
    showBindings(inner, name + "/");
  } else {
    std::cout << "  " << name << "\n";
  }
}

void showBindings(CosNaming::NamingContext_ptr context, const std::string& path) {
  CosNaming::BindingList_var some;
  CosNaming::BindingIterator_var more;
  context->list(3, some, more);
  for (CORBA::ULong i = 0; i < some->length(); ++i) showBinding(context, some[i], path);
  if (CORBA::is_nil(more)) return;
  while (more->next_n(3, some))
    for (CORBA::ULong i = 0; i < some->length(); ++i) showBinding(context, some[i], path);
  more->destroy();
}

Metro::ControlCenter_var findCenter(CosNaming::NamingContext_ptr names) {
  CosNaming::Name name;
  name.length(2);
  name[0].id = "metro";
  name[1].id = "center";
  name[1].kind = "control";
  CORBA::Object_var object = names->resolve(name);
  Metro::ControlCenter_var center = Metro::ControlCenter::_narrow(object);
  if (CORBA::is_nil(center)) throw std::string("metro/center.control is no Metro::ControlCenter");
  return center;
}

// ---- what there is to see ----

void showStations(Metro::ControlCenter_ptr center) {
  CORBA::WString_var network = center->network();
  heading("Stations of " + utf8(network));
  Metro::Summaries_var all = center->stations();
  std::cout << "  code          title                  lines          displays  sensors\n";
  for (CORBA::ULong i = 0; i < all->length(); ++i) {
    const Metro::Summary& one = all[i];
    char counts[40];
    snprintf(counts, sizeof counts, "%8u %8u", one.displays, one.sensors);
    std::cout << "  " << padded(one.code.in(), 14) << padded(utf8(one.title), 23)
              << padded(joined(one.lines, " "), 15) << counts << "\n";
  }
}

void announce(Metro::Station_ptr station) {
  CORBA::WString_var title = station->title();
  heading("An announcement at " + utf8(title));
  Metro::Instant at;
  station->announce(L"Aten\u00e7\u00e3o: o pr\u00f3ximo metro da linha D parte dentro de 2 minutos",
                    Metro::normal, at);
  Metro::Announcements_var latest = station->announced(1);
  for (CORBA::ULong i = 0; i < latest->length(); ++i)
    std::cout << "  #" << latest[i].number << " " << timeOfDay(latest[i].at) << "  "
              << utf8(latest[i].text) << "\n";
}

void order(Metro::ControlCenter_ptr center, Metro::Station_ptr station) {
  heading("Orders of an operator");
  Metro::Strings codes;
  codes.length(1);
  codes[0] = CORBA::string_dup("trindade");

  Metro::Notice notice;
  notice.display = CORBA::string_dup("");
  notice.text = CORBA::wstring_dup(L"Linha D \u2192 Santo Ov\u00eddio  2 min");
  Metro::Command write;
  write.on(notice);
  Metro::Receipt_var receipt = center->order("client.cc", codes, write);
  Metro::Displays_var panels = station->panels();
  CORBA::String_var id = panels[0]->id();
  CORBA::WString_var text = panels[0]->text();
  std::cout << "  #" << receipt->number << " write: display " << id.in() << " shows \"" << utf8(text)
            << "\"\n";

  Metro::Command shut;
  shut.closed(true);
  receipt = center->order("client.cc", codes, shut);
  std::cout << "  #" << receipt->number << " shut: " << joined(receipt->stations, ", ")
            << " is closed\n";
  try {
    Metro::Instant at;
    station->announce(L"Hello", Metro::normal, at);
    std::cout << "  the closed station announced something\n";
  } catch (const Metro::Refused& refused) {
    std::cout << "     an announcement there: Metro::Refused, \"" << refused.reason.in()
              << "\", let through from: " << levelName(refused.level) << "\n";
  }
  shut.closed(false);
  receipt = center->order("client.cc", codes, shut);
  std::cout << "  #" << receipt->number << " shut: " << joined(receipt->stations, ", ")
            << " is open again\n";

  try {
    Metro::Station_var nowhere = center->find("atlantis");
    std::cout << "  atlantis was found\n";
  } catch (const Metro::UnknownStation& unknown) {
    std::cout << "     find(\"" << unknown.code.in() << "\"): Metro::UnknownStation, "
              << unknown.known.length() << " are known\n";
  }
}

double alarmOnce(Metro::Station_ptr station, Listener& listener, size_t index, bool show) {
  Metro::Passage passage;
  passage.train = CORBA::string_dup("EF-104");
  passage.inbound = true;
  passage.speed = 27.5f;
  Metro::Reading reading;
  reading.train(passage);
  const Clock::time_point start = Clock::now();
  station->report("track-1", reading);
  const Listener::Arrival arrival = listener.wait(index);
  const double micros = std::chrono::duration<double, std::micro>(arrival.at - start).count();
  if (!show) return micros;
  const Metro::AlarmEvent& alarm = arrival.what;
  std::cout << "  #" << alarm.number << " " << timeOfDay(alarm.at) << "  " << levelName(alarm.level)
            << " from " << alarm.station.in() << "/" << alarm.sensor.in() << ": "
            << readingText(alarm.cause) << "\n     " << utf8(alarm.message) << "\n";
  printf("     %.2f ms from the sensor's report to the callback (contracted: 2000 ms)\n",
         micros / 1000);
  fflush(stdout);
  return micros;
}

// ---- times ----

void showTimes(const char* what, std::vector<double> micros) {
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double part) { return micros[static_cast<size_t>(part * (micros.size() - 1))]; };
  printf("  %-34s %6zu %9.0f %9.0f %9.0f\n", what, micros.size(), at(0.5), at(0.99), micros.back());
}

void measure(const char* what, size_t calls, const std::function<void()>& call) {
  std::vector<double> micros;
  for (size_t i = 0; i < calls; ++i) {
    const Clock::time_point start = Clock::now();
    call();
    micros.push_back(microsSince(start));
  }
  showTimes(what, micros);
}

void showAllTimes(Metro::ControlCenter_ptr center, Metro::Station_ptr station, Listener& listener) {
  heading("Times of calls, in microseconds");
  printf("  %-34s %6s %9s %9s %9s\n", "", "calls", "p50", "p99", "max");
  measure("Station::volume", 300, [&] { station->volume(); });
  measure("Station::announce", 300, [&] {
    Metro::Instant at;
    station->announce(L"Pr\u00f3xima paragem: Bolh\u00e3o", Metro::normal, at);
  });
  measure("Station::sensors", 300, [&] { Metro::SensorStates_var all = station->sensors(); });
  measure("ControlCenter::stations", 300, [&] { Metro::Summaries_var all = center->stations(); });
  std::vector<double> micros;
  for (size_t i = 1; i <= 100; ++i) micros.push_back(alarmOnce(station, listener, i, false));
  showTimes("Station::report to raised()", micros);
  fflush(stdout);
}

void run(CORBA::ORB_ptr orb) {
  CORBA::Object_var object = orb->resolve_initial_references("NameService");
  CosNaming::NamingContext_var names = CosNaming::NamingContext::_narrow(object);
  if (CORBA::is_nil(names)) throw std::string("NameService is no CosNaming::NamingContext");
  heading("Names bound");
  showBindings(names, "");

  Metro::ControlCenter_var center = findCenter(names);
  CORBA::String_var ior = orb->object_to_string(center);
  heading("IOR of metro/center.control");
  std::cout << "  " << ior.in() << "\n";

  showStations(center);
  Metro::Station_var station = center->find("trindade");
  announce(station);
  order(center, station);

  object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var poa = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var manager = poa->the_POAManager();
  manager->activate();
  PortableServer::Servant_var<Listener> listener(new Listener);
  PortableServer::ObjectId_var id = poa->activate_object(listener);
  Metro::AlarmListener_var callback = listener->_this();
  const CORBA::ULong watch = center->watch(callback, Metro::critical);
  heading("An alarm at the callback object");
  alarmOnce(station, *listener, 0, true);
  showAllTimes(center, station, *listener);
  center->unwatch(watch);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
    run(orb);
    orb->destroy();
    return 0;
  } catch (const CORBA::SystemException& thrown) {
    std::cerr << "CORBA::" << thrown._name() << " " << thrown.NP_minorString() << "\n";
  } catch (const CORBA::Exception& thrown) {
    std::cerr << thrown._rep_id() << "\n";
  } catch (const std::string& thrown) {
    std::cerr << thrown << "\n";
  }
  return 1;
}
