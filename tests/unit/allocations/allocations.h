#pragma once

#include <cstddef>

// What the program asks operator new for is counted, in every test that is linked with this.
namespace godwit::testing_support {

// How many times the calling thread has allocated so far.
size_t Allocations();

}  // namespace godwit::testing_support
