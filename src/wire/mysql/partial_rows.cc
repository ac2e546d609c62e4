#include "wire/mysql/partial_rows.h"

#include <algorithm>

#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {

bool JsonChanges::Read(const RowLayout& layout, const char*& pos, const char* end) {
  constexpr uint64_t kPartialJson = 1;
  base::ByteReader reader(std::string_view(pos, static_cast<size_t>(end - pos)));
  const uint64_t options = ReadLengthEncoded(reader).value_or(UINT64_MAX);
  bit_ = 0;
  bits_ = {};
  if (reader.failed() || (options & ~kPartialJson) != 0) return false;
  if (options == kPartialJson) {
    const auto columns =
        std::ranges::count(layout.steps(), RowLayout::Op::kJson, &RowLayout::Step::op);
    bits_ = reader.Bytes(static_cast<size_t>(columns + 7) / 8);
  }
  pos = reader.position();
  return !reader.failed();
}

}  // namespace godwit::wire::mysql
