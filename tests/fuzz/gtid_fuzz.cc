// Arbitrary text as a GTID position: what parses prints to something that parses to the same.
// Arbitrary bytes as a GTID set in its binary form: what decodes encodes to the same set.

#include "wire/mysql/gtid.h"
#include "wire/mysql/mysql_gtid.h"

namespace {

using godwit::wire::mysql::MariadbGtidSet;
using godwit::wire::mysql::MysqlGtidSet;

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

void CheckMysql(const MysqlGtidSet& set) {
  auto parsed = MysqlGtidSet::Parse(set.ToString());
  Check(parsed.ok() && *parsed == set);
  auto decoded = MysqlGtidSet::Decode(set.Encode());
  Check(decoded.ok() && *decoded == set);
  MysqlGtidSet rest = set;
  rest.Subtract(*parsed);
  Check(rest.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (auto set = MariadbGtidSet::Parse(input); set.ok()) {
    auto again = MariadbGtidSet::Parse(set->ToString());
    Check(again.ok() && *again == *set &&
          set->Compare(*again) == std::partial_ordering::equivalent);
  }
  if (auto set = MysqlGtidSet::Parse(input); set.ok()) CheckMysql(*set);
  if (auto set = MysqlGtidSet::Decode(input); set.ok()) CheckMysql(*set);
  return 0;
}
