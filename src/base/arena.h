#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::base {

// Memory that is handed out piece by piece and freed all at once. Pieces never move. Not
// thread-safe while allocating; reading what was allocated is.
class Arena {
 public:
  explicit Arena(size_t block_bytes = 64 * 1024) : block_bytes_(block_bytes) {}
  // Leaves `other` empty and ready for use.
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    block_bytes_ = other.block_bytes_;
    blocks_ = std::exchange(other.blocks_, {});
    next_ = std::exchange(other.next_, nullptr);
    left_ = std::exchange(other.left_, 0);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }

  // `size` bytes aligned for any cell; uninitialised.
  char* Allocate(size_t size) {
    size = (size + 7) & ~size_t{7};
    if (size > left_) Grow(size);
    char* piece = next_;
    next_ += size;
    left_ -= size;
    return piece;
  }
  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* piece = Allocate(text.size());
    std::memcpy(piece, text.data(), text.size());
    return {piece, text.size()};
  }

  size_t bytes() const { return bytes_; }

 private:
  void Grow(size_t size) {
    size_t block = size > block_bytes_ ? size : block_bytes_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    next_ = blocks_.back().get();
    left_ = block;
    bytes_ += block;
  }

  size_t block_bytes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t bytes_ = 0;
};

}  // namespace godwit::base
