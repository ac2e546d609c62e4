// Arbitrary bytes as binary JSON and as changes of it: what is read prints to no more than its size
// allows and can be gone through again, and what changes make is read again. As JSON text, they do
// no harm.

#include <string>

#include "wire/mysql/json_diff.h"
#include "wire/mysql/json_expression.h"
#include "wire/mysql/json_text.h"
#include "wire/mysql/json_typed_text.h"

namespace {

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

// The first byte is the size of the changes, which come last.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::wire::mysql;
  if (size == 0) return 0;
  std::string_view document(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t changes_size = std::min<size_t>(data[0], document.size());
  const std::string_view changes = document.substr(document.size() - changes_size);
  document.remove_suffix(changes_size);

  std::string text, sql, changed;
  const bool is_read = AppendJsonText(document, text).ok();
  // An escape takes six times a byte, a key or value six characters more.
  Check(text.size() <= 32 * (document.size() + 1));
  const auto needs = JsonNeedsExpression(document);
  // The search stops at the first value that needs SQL, and does not look at keys or texts.
  Check(!is_read || needs.ok());
  (void)AppendJsonExpression(document, sql);
  Check(!is_read || AppendTypedJsonExpression(text, {}, sql).ok());
  const JsonTypedValue typed{JsonTypedValue::Place::kElement, 1, "DATE", 11, 0};
  (void)AppendTypedJsonExpression(document, {&typed, 1}, sql);
  if (ApplyJsonDiffs(document, changes, changed).ok()) {
    std::string again;
    Check(ApplyJsonDiffs(changed, "", again).ok() && again == changed);
  }
  return 0;
}
