#include "wire/mysql/json_diff.h"

#include "wire/mysql/json_tree.h"
#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

enum class Operation : uint8_t { kReplace = 0, kInsert = 1, kRemove = 2 };

bool ApplyOne(base::ByteReader& reader, JsonTree& tree, std::string_view& path_text) {
  const auto operation = static_cast<Operation>(reader.U8());
  path_text = ReadLengthEncodedString(reader).value_or(std::string_view());
  std::vector<JsonLeg> path;
  if (reader.failed() || !ParseJsonPath(path_text, path)) return false;
  if (operation == Operation::kRemove) return tree.Remove(std::move(path));
  const std::string_view bytes = ReadLengthEncodedString(reader).value_or(std::string_view());
  JsonValue value;
  if (reader.failed() || !JsonRoot(bytes, value)) return false;
  if (operation == Operation::kReplace) return tree.Replace(path, value);
  return operation == Operation::kInsert && tree.Insert(std::move(path), value);
}

}  // namespace

base::Status ApplyJsonDiffs(std::string_view document, std::string_view diffs, std::string& out) {
  JsonTree tree;
  if (!tree.Open(document)) return base::DataLoss("binary JSON before a change is malformed");
  base::ByteReader reader(diffs);
  for (int number = 1; reader.remaining() > 0; ++number) {
    std::string_view path;
    if (!ApplyOne(reader, tree, path)) {
      return base::DataLoss("change {} of a JSON document, at {}, is malformed or does not fit it",
                            number, path);
    }
  }
  if (!tree.Append(out)) return base::DataLoss("a JSON document is too large after its changes");
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
