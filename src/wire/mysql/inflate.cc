#include "wire/mysql/inflate.h"

#include <libdeflate.h>

#include <memory>

namespace godwit::wire::mysql {
namespace {

// Deflate cannot do better than 1032 to 1, so that a length beyond it is a lie, and no reason to
// allocate.
constexpr uint64_t kMostExpansion = 1032;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

libdeflate_decompressor* Decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  return decompressor.get();
}

enum class Wrap { kZlib, kRaw };

// `packed` is the method byte (whose low three bits are the size of the length), the length and the
// data.
base::Status Inflate(std::string_view packed, Wrap wrap, std::string& out) {
  size_t length_size = static_cast<uint8_t>(packed[0]) & 7;
  packed.remove_prefix(1);
  if (length_size == 0 || length_size > 4 || packed.size() < length_size) {
    return base::DataLoss("compressed data cut off, or with a length of {} bytes", length_size);
  }
  uint64_t length = 0;
  for (char byte : packed.substr(0, length_size)) length = length << 8 | static_cast<uint8_t>(byte);
  packed.remove_prefix(length_size);
  if (length > packed.size() * kMostExpansion) {
    return base::DataLoss("{} bytes of compressed data cannot hold {} bytes", packed.size(),
                          length);
  }
  out.resize(length);
  auto inflate = wrap == Wrap::kZlib ? libdeflate_zlib_decompress : libdeflate_deflate_decompress;
  libdeflate_result result =
      inflate(Decompressor(), packed.data(), packed.size(), out.data(), out.size(), nullptr);
  if (result != LIBDEFLATE_SUCCESS) return base::DataLoss("compressed data is corrupt");
  return base::OkStatus();
}

}  // namespace

base::Status InflateEventPart(std::string_view packed, std::string& out) {
  if (packed.empty()) return base::DataLoss("compressed data is missing");
  uint8_t method = static_cast<uint8_t>(packed[0]) & 0xf0;
  if (method != 0x80) return base::DataLoss("compression method {:#x} is not known", method);
  return Inflate(packed, Wrap::kZlib, out);
}

base::StatusOr<std::string_view> InflateColumn(std::string_view packed, std::string& out) {
  if (packed.empty()) return packed;
  uint8_t head = static_cast<uint8_t>(packed[0]);
  if (head == 0) return packed.substr(1);
  if ((head & 0xf0) != 0x80)
    return base::DataLoss("column compression method {:#x} is not known", head >> 4);
  GODWIT_RETURN_IF_ERROR(Inflate(packed, (head & 8) != 0 ? Wrap::kRaw : Wrap::kZlib, out));
  return std::string_view(out);
}

}  // namespace godwit::wire::mysql
