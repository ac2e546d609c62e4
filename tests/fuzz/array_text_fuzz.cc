// Arbitrary text as an array of PostgreSQL: what is read of it as texts is JSON.

#include <nlohmann/json.hpp>

#include "wire/mysql/charset.h"
#include "wire/postgres/array_text.h"

using godwit::wire::postgres::AppendArrayAsJson;
using godwit::wire::postgres::ArrayElements;
using godwit::wire::postgres::ArrayRead;
using godwit::wire::postgres::ElementForm;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const ArrayElements elements{static_cast<ElementForm>(data[0] % 4), data[0] < 128 ? ',' : ';'};
  std::string out;
  if (AppendArrayAsJson(out, text, elements) == ArrayRead::kNone) return 0;
  const bool is_valid =
      elements.form == ElementForm::kText || elements.form == ElementForm::kBoolean;
  if (is_valid && godwit::wire::mysql::IsUtf8(text) && !nlohmann::json::accept(out))
    __builtin_trap();
  return 0;
}
