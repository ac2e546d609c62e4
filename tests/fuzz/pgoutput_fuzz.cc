// Arbitrary bytes as what a walsender sends, one message behind the other to one decoder; and as
// text, LSNs and snapshots.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "wire/postgres/pgoutput.h"
#include "wire/postgres/replication_message.h"
#include "wire/postgres/snapshot.h"

namespace godwit::wire::postgres {
namespace {

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

// Touches the bytes that a message's views have, which must be its own.
class Toucher {
 public:
  explicit Toucher(std::string_view message) : message_(message) {}

  void Touch(std::string_view bytes) {
    if (bytes.empty()) return;
    Check(bytes.data() >= message_.data() &&
          bytes.data() + bytes.size() <= message_.data() + message_.size());
    for (const char byte : bytes) sum_ = sum_ + static_cast<uint8_t>(byte);
  }
  void Touch(const Tuple& tuple) {
    Check(tuple.size() <= message_.size());
    for (const TupleColumn& column : tuple) {
      Check(column.value.empty() ||
            (column.kind != TupleValue::kNull && column.kind != TupleValue::kUnchanged));
      Touch(column.value);
    }
  }

  void operator()(const Origin& origin) { Touch(origin.name); }
  void operator()(const Relation& relation) {
    Touch(relation.schema);
    Touch(relation.name);
    Check(relation.columns.size() <= message_.size());
    for (const RelationColumn& column : relation.columns) Touch(column.name);
  }
  void operator()(const Type& type) {
    Touch(type.schema);
    Touch(type.name);
  }
  void operator()(const Truncate& truncate) { Check(truncate.relations.size() <= message_.size()); }
  void operator()(const LogicalMessage& message) {
    Touch(message.prefix);
    Touch(message.content);
  }
  template <typename Message>
  void operator()(const Message& message) {
    if constexpr (requires { message.gid; }) Touch(message.gid);
  }

 private:
  const std::string_view message_;
  volatile uint64_t sum_ = 0;
};

template <typename Message>
constexpr bool kHasRows = std::is_same_v<Message, Insert> || std::is_same_v<Message, Update> ||
                          std::is_same_v<Message, Delete>;

void CheckMessage(PgOutputDecoder& decoder, std::string_view bytes, RowTuples& rows) {
  if (auto parsed = ParseReplicationMessage(bytes); parsed.ok()) {
    const auto* log = std::get_if<LogData>(&*parsed);
    if (log == nullptr) return;
    bytes = log->data;
  }
  const std::optional<uint32_t> xid = StreamedXid(bytes);
  const bool in_block = decoder.in_stream();
  auto message = decoder.Decode(bytes, rows);
  if (!message.ok()) {
    Check(decoder.in_stream() == in_block);
    return;
  }
  if (in_block) Check(xid.has_value() == decoder.in_stream());
  Toucher toucher(bytes);
  std::visit(
      [&]<typename Message>(const Message& decoded) {
        toucher(decoded);
        if constexpr (kHasRows<Message>) {
          toucher.Touch(rows.before);
          toucher.Touch(rows.after);
        }
        // What is told of a message that is kept as it came holds once it is decoded.
        if constexpr (
            requires { decoded.relation; } || requires { decoded.relations; } ||
            requires { decoded.columns; } || requires { decoded.content; }) {
          Check(!in_block || xid == decoded.xid);
        }
      },
      *message);
}

void CheckMessages(std::string_view input) {
  if (input.empty()) return;
  PgOutputDecoder decoder =
      (input[0] & 2) != 0 ? PgOutputDecoder::WithinBlock() : PgOutputDecoder((input[0] & 1) != 0);
  RowTuples rows;
  input.remove_prefix(1);
  while (input.size() >= 2) {
    const size_t said =
        static_cast<size_t>(static_cast<uint8_t>(input[0])) << 8 | static_cast<uint8_t>(input[1]);
    input.remove_prefix(2);
    const size_t size = std::min(said, input.size());
    CheckMessage(decoder, input.substr(0, size), rows);
    input.remove_prefix(size);
  }
}

// Whether nothing that `b` sees is unseen by `a`. If there is such a transaction, then there is one
// that is running in a snapshot, is the next one after such, or is at an end.
bool SeesAllByTrying(const Snapshot& a, const Snapshot& b) {
  std::vector<FullXid> tried = {a.xmin, a.xmax, b.xmin, b.xmax};
  for (const Snapshot* snapshot : {&a, &b}) {
    for (const FullXid xid : snapshot->running) {
      tried.push_back(xid);
      tried.push_back(xid + 1);
    }
  }
  return std::ranges::none_of(tried, [&](FullXid xid) { return b.Sees(xid) && !a.Sees(xid); });
}

void CheckTexts(std::string_view input) {
  std::optional<Snapshot> previous;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (auto lsn = ParseLsn(line)) Check(ParseLsn(LsnText(*lsn)) == lsn);
    auto snapshot = ParseSnapshot(line);
    if (!snapshot) continue;
    Check(ParseSnapshot(snapshot->ToString()) == snapshot);
    Check(snapshot->SeesAllOf(*snapshot));
    if (previous) {
      Check(snapshot->SeesAllOf(*previous) == SeesAllByTrying(*snapshot, *previous));
      Check(previous->SeesAllOf(*snapshot) == SeesAllByTrying(*previous, *snapshot));
    }
    previous = std::move(snapshot);
  }
}

}  // namespace
}  // namespace godwit::wire::postgres

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  godwit::wire::postgres::CheckMessages(input);
  godwit::wire::postgres::CheckTexts(input);
  return 0;
}
