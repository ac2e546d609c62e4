// Arbitrary text as a GTID position: what parses prints to something that parses to the same.

#include "wire/mysql/gtid.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using godwit::wire::mysql::MariadbGtidSet;
  auto set = MariadbGtidSet::Parse({reinterpret_cast<const char*>(data), size});
  if (!set.ok()) return 0;
  auto again = MariadbGtidSet::Parse(set->ToString());
  if (!again.ok() || *again != *set || set->Compare(*again) != std::partial_ordering::equivalent)
    __builtin_trap();
  return 0;
}
