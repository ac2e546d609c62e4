#pragma once

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace godwit::verify {

// 128 bits (XXH3) that stand for a row's canonical bytes.
struct Digest {
  uint64_t low = 0, high = 0;

  bool operator==(const Digest&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Digest& d) {
    return H::combine(std::move(h), d.low, d.high);
  }
};

inline Digest DigestOf(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

// The digest of many rows, one after the other. Not thread-safe.
class RunningDigest {
 public:
  RunningDigest() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

  void Add(std::string_view bytes) {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  Digest Get() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return {hash.low64, hash.high64};
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace godwit::verify
