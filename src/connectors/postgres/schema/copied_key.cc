#include "connectors/postgres/schema/copied_key.h"

#include <absl/algorithm/container.h>

#include <array>

#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/row_key.h"
#include "wire/postgres/copy_binary.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {
namespace {

// The types, as pg_type.dat numbers them, whose text is plain to see in their bytes.
constexpr uint32_t kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kChar = 1042, kVarchar = 1043,
                   kUuid = 2950;
constexpr size_t kUuidBytes = 16;

std::optional<std::string> Number(std::string_view bytes, size_t size) {
  if (bytes.size() != size) return std::nullopt;
  uint64_t number = (static_cast<unsigned char>(bytes[0]) & 0x80) == 0 ? 0 : ~uint64_t{0};
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return std::to_string(static_cast<int64_t>(number));
}

std::optional<std::string> Uuid(std::string_view bytes) {
  if (bytes.size() != kUuidBytes) return std::nullopt;
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

std::optional<std::string> TextOfBinary(std::string_view bytes, uint32_t type) {
  switch (type) {
    case kInt2:
      return Number(bytes, 2);
    case kInt4:
      return Number(bytes, 4);
    case kInt8:
      return Number(bytes, 8);
    case kUuid:
      return Uuid(bytes);
    default:
      return std::string(bytes);
  }
}

}  // namespace

std::optional<CopiedKey> CopiedKey::Find(const Definition& definition, const model::Table& table,
                                         bool binary) {
  CopiedKey key(binary);
  const std::vector<int> written = WrittenColumns(table);
  for (const int column : table.RowIdentity()) {
    const auto at = absl::c_find(written, column);
    const uint32_t type = definition.columns[static_cast<size_t>(column)].type_oid;
    if (at == written.end() ||
        (binary && !absl::c_linear_search(
                       std::array{kInt2, kInt4, kInt8, kText, kChar, kVarchar, kUuid}, type)))
      return std::nullopt;
    key.parts_.push_back({static_cast<size_t>(at - written.begin()), type});
  }
  if (key.parts_.empty()) return std::nullopt;
  return key;
}

base::StatusOr<std::string> CopiedKey::Read(std::string_view message) const {
  wire::postgres::CopyTextRow text;
  std::vector<std::optional<std::string_view>> values;
  if (!binary_)
    values = text.Parse(message);
  else if (!wire::postgres::ParseBinaryRow(message, values))
    return base::Internal("source: COPY gave {} bytes that are no row", message.size());
  std::vector<std::string> parts;
  for (const Part& part : parts_) {
    std::optional<std::string> value;
    if (part.field < values.size() && values[part.field])
      value =
          binary_ ? TextOfBinary(*values[part.field], part.type) : std::string(*values[part.field]);
    if (!value) return base::Internal("source: COPY gave a row without its key");
    parts.push_back(*std::move(value));
  }
  return EncodeKey(std::vector<std::string_view>(parts.begin(), parts.end()));
}

}  // namespace godwit::connectors::postgres
