#include "histories.h"

#include <iterator>

namespace godwit::pipeline::testing {
namespace {

using model::ReferenceAction;

// Few enough values that changes meet.
Value Number(std::mt19937_64& random) { return std::to_string(random() % 9); }
Value MaybeNull(std::mt19937_64& random) { return random() % 3 == 0 ? Value() : Number(random); }

struct Shape {
  const char* table;
  Values (*row)(std::mt19937_64&);
};

constexpr auto kNullable = MaybeNull;
const Shape kShapes[] = {
    {"customer",
     [](std::mt19937_64& r) -> Values {
       return {Number(r), kNullable(r), kNullable(r)};
     }},
    {"orders",
     [](std::mt19937_64& r) -> Values {
       return {Number(r), kNullable(r), Number(r)};
     }},
    {"item",
     [](std::mt19937_64& r) -> Values {
       return {Number(r), Number(r), kNullable(r)};
     }},
    {"visit",
     [](std::mt19937_64& r) -> Values {
       return {kNullable(r), Number(r)};
     }},
    {"tree",
     [](std::mt19937_64& r) -> Values {
       return {Number(r), kNullable(r)};
     }},  // see Allowed
};

// A tree has no rings: cut at a row, a ring takes that row along too, which the log does not say.
bool Allowed(std::string_view table, const Values& row) {
  return table != "tree" || !row[1] || *row[1] < *row[0];
}

const Values& AnyOf(const Rows& rows, std::mt19937_64& random) {
  return *std::next(rows.begin(), static_cast<std::ptrdiff_t>(random() % rows.size()));
}

// One or more changes; what a key forbids is not done.
void Change(Log& log, std::mt19937_64& random) {
  const Shape& shape = kShapes[random() % std::size(kShapes)];
  const Rows& rows = log.now().at({"shop", shape.table});
  const Values fresh = shape.row(random);
  const uint64_t what = random() % 10;
  if (rows.empty() || what < 3) {
    if (Allowed(shape.table, fresh)) log.Insert(shape.table, fresh);
    return;
  }
  const Values row = AnyOf(rows, random);
  if (what < 5) {
    log.Delete(shape.table, row);
    return;
  }
  if (what < 9) {
    Values after = row;
    const size_t column = random() % after.size();
    after[column] = fresh[column];
    if (Allowed(shape.table, after)) log.Update(shape.table, row, after);
    return;
  }
  // Two customers swap the value of a unique key.
  const Rows& customers = log.now().at({"shop", "customer"});
  if (customers.size() < 2) return;
  const Values a = AnyOf(customers, random), b = AnyOf(customers, random);
  if (a == b || !log.Update("customer", a, {a[0], {}, a[2]})) return;
  log.Update("customer", b, {b[0], a[1], b[2]});
  log.Update("customer", {a[0], {}, a[2]}, {a[0], b[1], a[2]});
}

}  // namespace

Log MakeShop(std::mt19937_64& random, bool foreign_keys) {
  const auto kCascade = ReferenceAction::kCascade, kSetNull = ReferenceAction::kSetNull,
             kRestrict = ReferenceAction::kRestrict;
  model::Table customer = MakeTable("customer", {"id", "locker", "name"}, {0}, {{1}});
  model::Table orders = MakeTable("orders", {"id", "customer_id", "note"}, {0});
  model::Table item = MakeTable("item", {"order_id", "line", "sku"}, {0, 1});
  model::Table visit = MakeTable("visit", {"customer_id", "page"}, {});
  model::Table tree = MakeTable("tree", {"id", "parent_id"}, {0});
  if (foreign_keys) {
    orders.foreign_keys = {MakeKey("customer_id", "customer", "id", kCascade, kCascade)};
    item.foreign_keys = {MakeKey("order_id", "orders", "id", kCascade, kRestrict)};
    visit.foreign_keys = {MakeKey("customer_id", "customer", "id", kSetNull, kCascade)};
    tree.foreign_keys = {MakeKey("parent_id", "tree", "id", kCascade, kRestrict)};
  }
  Log log;
  for (const model::Table& table : {customer, orders, item, visit, tree}) {
    const std::string name = table.name.table;
    Rows rows;
    for (const Shape& shape : kShapes) {
      for (int i = 0; name == shape.table && i < 6; ++i) {
        const Values row = shape.row(random);
        const std::vector<int> identity = table.RowIdentity();
        if (!identity.empty() && Find(rows, identity, row) != rows.end()) continue;
        if (!Allowed(name, row)) continue;
        if (name == "customer" && row[1] && Find(rows, {1}, row) != rows.end()) continue;
        rows.insert(row);
      }
    }
    log.AddTable(table, rows);
  }
  return log;
}

void AddHistory(Log& log, std::mt19937_64& random, uint64_t count, int most_rows) {
  for (uint64_t i = 0; i < count; ++i) {
    log.KeysAct(random() % 8 != 0);
    for (uint64_t n = random() % static_cast<uint64_t>(most_rows + 1); n > 0; --n)
      Change(log, random);
    log.Commit();
  }
}

std::string Story(const Log& log, uint64_t from, uint64_t upto) {
  std::string story = "from\n" + ToText(log.state(from - 1));
  for (uint64_t n = from; n <= upto; ++n) {
    for (const Log::RowEvent& row : log.transaction(n).rows) {
      story += row.table->name.table + (row.keys_act ? "" : ", keys off");
      for (const auto* values : {&row.before, &row.after}) {
        story += " :";
        for (const Value& value : *values) story += " " + value.value_or("NULL");
      }
      story += "\n";
    }
    story += "commit " + std::to_string(n) + "\n";
  }
  return story;
}

config::Task ShopTask(uint64_t group_bytes) {
  config::Task task;
  task.name = "shop";
  auto pattern = config::TablePattern::Parse("shop.*");
  task.tables = config::TableFilter({*std::move(pattern)}, {}, "godwit");
  task.memory_limit = 8 * group_bytes;
  task.stream.group_ms = std::chrono::milliseconds(1);
  task.copy.threads = 2;
  task.retry_for = std::chrono::milliseconds(2000);
  return task;
}

}  // namespace godwit::pipeline::testing
