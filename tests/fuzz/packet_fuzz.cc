// Arbitrary bytes as a packet's payload, and as a row of length-encoded strings.

#include "wire/mysql/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  std::string_view payload(reinterpret_cast<const char*>(data), size);
  (void)wire::mysql::KindOf(payload);
  (void)wire::mysql::DecodeOk(payload);
  (void)wire::mysql::DecodeError(payload);
  (void)wire::mysql::DecodeEof(payload);
  base::ByteReader reader(payload);
  size_t left = reader.remaining();
  while (left > 0) {
    auto text = wire::mysql::ReadLengthEncodedString(reader);
    if (text && text->size() > size) __builtin_trap();
    if (reader.remaining() >= left) __builtin_trap();  // no progress
    left = reader.remaining();
  }
  return 0;
}
