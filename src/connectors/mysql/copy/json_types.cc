#include "connectors/mysql/copy/json_types.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

using Place = wire::mysql::JsonTypedValue::Place;

// True where a value's text is read as another type than it has. Of an integer the server's parser
// makes an unsigned one if it needs more than 32 bits and is not negative, and else a signed one.
// Types that are not named here, were there any, are listed and make the copy end with an error.
std::string IsNotWhatItsTextSays(std::string_view value) {
  return fmt::format(
      "CASE JSON_TYPE({0}) WHEN 'STRING' THEN 0 WHEN 'INTEGER' THEN {0}>4294967295 WHEN 'UNSIGNED "
      "INTEGER' THEN {0}<4294967296 WHEN 'DOUBLE' THEN 0 WHEN 'BOOLEAN' THEN 0 WHEN 'OBJECT' THEN "
      "0 WHEN 'ARRAY' THEN 0 WHEN 'NULL' THEN 0 ELSE 1 END",
      value);
}

std::string Entry(std::string_view number, std::string_view value, JsonTypeDetail detail) {
  std::string entry = fmt::format("CONCAT({},',',JSON_TYPE({})", number, value);
  if (detail == JsonTypeDetail::kWhole)
    entry += fmt::format(",',',JSON_STORAGE_SIZE({0}),',',CRC32({0})", value);
  return entry + ",';')";
}

// JSON_TABLE numbers what a path finds. A value that it could not hand over is an error.
std::string Listed(std::string_view column, std::string_view path, JsonTypeDetail detail) {
  return fmt::format(
      "(SELECT GROUP_CONCAT({} SEPARATOR '') FROM JSON_TABLE({},_utf8mb4'{}' COLUMNS(o FOR "
      "ORDINALITY, c JSON PATH _utf8mb4'$' ERROR ON ERROR)) godwit_value WHERE {})",
      Entry("godwit_value.o", "godwit_value.c", detail), column, path,
      IsNotWhatItsTextSays("godwit_value.c"));
}

// Cuts what stands before the next `separator` off the list; false: there is none.
bool Cut(std::string_view& list, char separator, std::string_view& part) {
  const size_t end = list.find(separator);
  if (end == list.npos) return false;
  part = list.substr(0, end);
  list.remove_prefix(end + 1);
  return true;
}

bool ParseList(std::string_view list, Place place,
               std::vector<wire::mysql::JsonTypedValue>& values) {
  std::string_view entry, number, type, size;
  while (Cut(list, ';', entry)) {
    if (!Cut(entry, ',', number) || !Cut(entry, ',', type) || !Cut(entry, ',', size)) return false;
    const auto which = base::ParseInteger<uint64_t>(number);
    const auto bytes = base::ParseInteger<uint64_t>(size);
    const auto checksum = base::ParseInteger<uint32_t>(entry);
    if (!which || !bytes || !checksum) return false;
    values.push_back({*which == 0 ? Place::kRoot : place, *which, type, *bytes, *checksum});
  }
  return list.empty();
}

}  // namespace

// No path finds the document itself: a scalar is listed as number 0, here.
std::string JsonMemberTypes(std::string_view column, JsonTypeDetail detail) {
  return fmt::format("IF(JSON_TYPE({}) IN ('OBJECT','ARRAY'),{},IF({},{},NULL))", column,
                     Listed(column, "$**.*", detail), IsNotWhatItsTextSays(column),
                     Entry("0", column, detail));
}

std::string JsonElementTypes(std::string_view column, JsonTypeDetail detail) {
  return Listed(column, "$**[*]", detail);
}

base::StatusOr<std::vector<wire::mysql::JsonTypedValue>> ParseJsonTypes(std::string_view members,
                                                                        std::string_view elements) {
  std::vector<wire::mysql::JsonTypedValue> values;
  if (!ParseList(members, Place::kMember, values) || !ParseList(elements, Place::kElement, values))
    return base::DataLoss("the types in a JSON document are malformed: {} {}", members, elements);
  return values;
}

}  // namespace godwit::connectors::mysql
