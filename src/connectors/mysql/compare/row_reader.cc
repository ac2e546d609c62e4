#include "connectors/mysql/compare/row_reader.h"

#include <mysqld_error.h>

#include <deque>
#include <limits>
#include <utility>

#include "connectors/mysql/compare/canonical_form.h"
#include "connectors/mysql/connection/result_reader.h"
#include "connectors/mysql/literal.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

using connector::ComparedRow;
using connector::RowDetail;
using connector::RowsEnd;

// What is read of a table on this server. `other`: nothing for a server of another family.
SelectList ComparedColumns(const Connection& connection, const model::Table& table,
                           const std::optional<sql::Flavour>& other) {
  return SelectList(
      table, SelectList::Columns::kCompared,
      other ? SelectList::DetailBetween(connection.flavour(), *other) : SelectList::Detail::kText);
}

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// What a column that is no JSON any more says to being asked for its types (MySQL's numbers).
constexpr unsigned kInvalidJsonText = 3140, kInvalidJsonTextInArgument = 3141,
                   kInvalidTypeForJson = 3146;

bool MeansAnotherTable(unsigned error) {
  switch (error) {
    case kInvalidJsonText:
    case kInvalidJsonTextInArgument:
    case kInvalidTypeForJson:
    case ER_WRONG_ARGUMENTS:
    case ER_NO_SUCH_TABLE:
    case ER_BAD_DB_ERROR:
    case ER_TABLE_DEF_CHANGED:
    case ER_BAD_FIELD_ERROR:
    case ER_KEY_DOES_NOT_EXISTS:
      return true;
    default:
      return false;
  }
}

// The values of a row, its packet taken apart.
class DecodedRow {
 public:
  explicit DecodedRow(size_t columns) : values_(columns), key_values_(columns) {}

  bool Decode(std::string_view packet) {
    base::ByteReader reader(packet);
    for (size_t i = 0; i < values_.size(); ++i) {
      values_[i] = wire::mysql::ReadLengthEncodedString(reader);
      key_values_[i] = values_[i].value_or(std::string_view());
    }
    return !reader.failed();
  }
  // The columns' values. The types in a document, where they were asked for, stand behind its text.
  std::span<const std::optional<std::string_view>> Columns(const SelectList& list) {
    typed_documents_.clear();
    for (size_t i = 0; list.has_json_types() && i < list.fields().size(); ++i) {
      const std::optional<size_t> types = list.fields()[i].json_types;
      if (!types || !values_[i]) continue;
      const auto members = values_[*types], elements = values_[*types + 1];
      if (!members && !elements) continue;
      values_[i] = typed_documents_.emplace_back(fmt::format(
          "{} members {} elements {}", *values_[i], members.value_or(""), elements.value_or("")));
    }
    return std::span(values_).first(list.fields().size());
  }
  const std::vector<std::string_view>& for_key() const { return key_values_; }

 private:
  std::vector<std::optional<std::string_view>> values_;
  std::vector<std::string_view> key_values_;
  std::deque<std::string> typed_documents_;
};

}  // namespace

base::StatusOr<RowsEnd> MysqlRowReader::Run(Connection& connection, const Select& select,
                                            connector::RowVisitor& visitor) {
  const std::string query =
      fmt::format("SELECT {} FROM {}{}", select.list.text(), FromClause(select.table), select.rest);
  ResultReader result(&connection);
  auto failed = [&](const base::Status& status) {
    if (!MeansAnotherTable(result.server_error()))
      return base::Annotate(status, select.table.name.ToString());
    return base::NotFound("{}: {}", select.table.name.ToString(), status.message());
  };
  if (base::Status status = result.Open(query); !status.ok()) return failed(status);
  DecodedRow values(result.columns());
  std::optional<CanonicalForm> foreign;
  if (!other_) foreign.emplace(select.table, select.list);
  RowsEnd end;
  std::string key;
  while (true) {
    auto row = result.Next();
    if (!row.ok()) return failed(row.status());
    if (!*row) break;
    const std::string_view packet = **row;
    ++end.rows;
    end.bytes += packet.size();
    ComparedRow compared{packet, {}, {}};
    const bool last = end.rows == select.row_limit;
    if (last || foreign || select.detail == RowDetail::kKeyAndValues) {
      if (!values.Decode(packet))
        return base::DataLoss("{}: a malformed row of {}", connection.side(),
                              select.table.name.ToString());
    }
    if (foreign) {
      compared = foreign->Row(values.Columns(select.list));
      if (last) key = compared.key;
    } else if (last || select.detail == RowDetail::kKeyAndValues) {
      if (select.list.has_key()) key = select.list.KeyOf(values.for_key());
      compared.key = key;
      compared.values = values.Columns(select.list);
    }
    visitor.Visit(compared);
    if (last) {
      end.range_done = false;
      end.cursor = key;
    }
  }
  return end;
}

base::StatusOr<RowsEnd> MysqlRowReader::Read(const model::Table& table,
                                             const connector::KeyRange& range, uint64_t row_limit,
                                             RowDetail detail, connector::RowVisitor& visitor) {
  return connection_.With([&](Connection& connection) -> base::StatusOr<RowsEnd> {
    const SelectList list = ComparedColumns(connection, table, other_);
    Select select{table, list, "", kNoLimit, detail};
    if (list.has_key()) {
      select.rest = fmt::format("{} ORDER BY {}", list.Where(range), list.order_by());
      select.row_limit = row_limit;
      if (row_limit != kNoLimit) select.rest += fmt::format(" LIMIT {}", row_limit);
    }
    return Run(connection, select, visitor);
  });
}

base::Status MysqlRowReader::ReadKeys(const model::Table& table, std::span<const std::string> keys,
                                      connector::RowVisitor& visitor) {
  if (keys.empty()) return base::OkStatus();
  return connection_.With([&](Connection& connection) {
    const SelectList list = ComparedColumns(connection, table, other_);
    Select select{table, list, "", kNoLimit, RowDetail::kKeyAndValues};
    for (const std::string& key : keys) {
      select.rest += (select.rest.empty() ? " WHERE " : " OR ") + list.EqualTo(key);
    }
    return Run(connection, select, visitor).status();
  });
}

}  // namespace godwit::connectors::mysql
