// omniORB client of the bench: IOR CONNECTIONS OUTSTANDING OCTETS, then "run MILLISECONDS FILE" lines.
// A call in omniORB blocks its thread, so every call under way is a thread.
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include "Echo.hh"

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

static void callUntil(Bench::Reflector_ptr echo, const Bench::Octets& data, Clock::time_point until,
                      std::vector<double>& samples) {
  Clock::time_point sent = Clock::now();
  do {
    Bench::Octets_var reply = echo->echo(data);
    if (reply->length() != data.length()) throw std::runtime_error("a reply of another length");
    const Clock::time_point now = Clock::now();
    samples.push_back(Microseconds(now - sent).count());
    sent = now;
  } while (sent < until);
}

static void runBlock(Bench::Reflector_ptr echo, const Bench::Octets& data, unsigned callers, long forMs,
                     const std::string& file) {
  std::vector<std::vector<double>> samples(callers);
  const Clock::time_point start = Clock::now();
  const Clock::time_point until = start + std::chrono::milliseconds(forMs);
  if (callers == 1) {
    callUntil(echo, data, until, samples[0]);
  } else {
    std::vector<std::thread> threads;
    for (unsigned n = 0; n < callers; n++)
      threads.emplace_back([&, n] { callUntil(echo, data, until, samples[n]); });
    for (std::thread& thread : threads) thread.join();
  }
  const double elapsedUs = Microseconds(Clock::now() - start).count();
  std::ofstream out(file, std::ios::binary);
  for (const std::vector<double>& part : samples)
    out.write(reinterpret_cast<const char*>(part.data()), part.size() * sizeof(double));
  out.close();
  std::cout << "done " << std::fixed << elapsedUs << std::endl;
}

int main(int argc, char** argv) {
  try {
    CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
    if (argc != 5) throw std::runtime_error("arguments: IOR CONNECTIONS OUTSTANDING OCTETS");
    CORBA::Object_var object = orb->string_to_object(argv[1]);
    Bench::Reflector_var echo = Bench::Reflector::_narrow(object);
    const unsigned callers = std::stoul(argv[2]) * std::stoul(argv[3]);
    Bench::Octets data;
    data.length(std::stoul(argv[4]));
    for (CORBA::ULong at = 0; at < data.length(); at++) data[at] = (at * 167 + 13) & 0xff;
    Bench::Octets_var reply = echo->echo(data);
    for (CORBA::ULong at = 0; at < data.length(); at++)
      if (reply[at] != data[at]) throw std::runtime_error("the echo differs from what was sent");
    std::string line, word, file;
    long forMs = 0;
    while (std::getline(std::cin, line)) {
      std::istringstream(line) >> word >> forMs >> file;
      runBlock(echo, data, callers, forMs, file);
    }
  } catch (const CORBA::Exception& e) {
    std::cout << "failed " << e._name() << std::endl;
    return 1;
  } catch (const std::exception& e) {
    std::cout << "failed " << e.what() << std::endl;
    return 1;
  }
}
