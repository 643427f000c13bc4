// A client that knows nothing of replicas: adds and transfers until it is told to end.
//   writer URI NAME SEED [-ORB...]
// A line for each call: TOKEN BEGAN_MS ENDED_MS add ACCOUNT AMOUNT | transfer FROM TO AMOUNT, then
// done PLACE BALANCE | insufficient BALANCE | not NAME | maybe NAME. Ends with its standard input.
#include <poll.h>
#include <time.h>
#include <unistd.h>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include "Bank.hh"

namespace {
double now_ms() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

bool is_over() {
  pollfd input{0, POLLIN, 0};
  return poll(&input, 1, 1) > 0;
}

std::string call(Bank::Books_ptr books, const std::string& token, std::mt19937& random) {
  static const char* const accounts[] = {"anna", "ben", "carla"};
  const auto pick = [&random](unsigned count) { return static_cast<unsigned>(random() % count); };
  const char* const from = accounts[pick(3)];
  const char* const to = accounts[pick(3)];
  const long amount = 1 + pick(9);
  const bool is_add = pick(2) == 0;
  std::ostringstream said;
  const double began = now_ms();
  std::ostringstream end;
  try {
    const Bank::Receipt receipt = is_add ? books->add(token.c_str(), from, amount)
                                         : books->transfer(token.c_str(), from, to, amount);
    end << "done " << receipt.place << " " << receipt.balance;
  } catch (const Bank::Insufficient& e) {
    end << "insufficient " << e.balance;
  } catch (const CORBA::SystemException& e) {
    end << (e.completed() == CORBA::COMPLETED_NO ? "not " : "maybe ") << e._name();
  }
  const double ended = now_ms();
  said << token << " " << std::fixed << began << " " << ended;
  if (is_add)
    said << " add " << from << " " << amount << " ";
  else
    said << " transfer " << from << " " << to << " " << amount << " ";
  said << end.str();
  return said.str();
}
}  // namespace

int main(int argc, char** argv) {
  try {
    CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
    if (argc != 4) {
      std::cerr << "writer: give a URI, a name and a seed\n";
      return 2;
    }
    CORBA::Object_var object = orb->string_to_object(argv[1]);
    Bank::Books_var books = Bank::Books::_unchecked_narrow(object);
    std::mt19937 random(static_cast<unsigned>(std::stoul(argv[3])));
    for (long i = 1; !is_over(); i++) {
      const std::string token = std::string(argv[2]) + "-" + std::to_string(i);
      std::cout << call(books, token, random) << std::endl;
    }
    return 0;
  } catch (const CORBA::SystemException& e) {
    std::cerr << "writer: " << e._name() << "\n";
    return 1;
  }
}
