#include "allocations.h"

#include <cstdlib>
#include <new>

namespace {

thread_local size_t allocations = 0;

void* Counted(void* memory) {
  if (memory == nullptr) std::abort();
  ++allocations;
  return memory;
}

}  // namespace

namespace godwit::testing_support {
size_t Allocations() { return allocations; }
}  // namespace godwit::testing_support

// All forms of single objects, as a sanitizer has its own; the standard library's of arrays come to
// these.
void* operator new(size_t size) { return Counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(size_t size, std::align_val_t align) {
  const auto alignment = static_cast<size_t>(align);
  return Counted(std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void* operator new(size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return operator new(size, align);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
