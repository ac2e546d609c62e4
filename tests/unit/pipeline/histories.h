#pragma once

#include <random>
#include <string>

#include "config/task.h"
#include "fakes.h"

// Random logs over a shop whose tables have all that makes changes hard: keys that swap, composite
// keys, no key, and foreign keys that act, also on their own table.
namespace godwit::pipeline::testing {

// A shop with some rows and no transactions.
Log MakeShop(std::mt19937_64& random, bool foreign_keys);

// Adds `count` transactions of up to `most_rows` changes.
void AddHistory(Log& log, std::mt19937_64& random, uint64_t count, int most_rows);

// The changes of transactions `from` to `upto`, to be read where a test fails.
std::string Story(const Log& log, uint64_t from, uint64_t upto);

// A task over the shop whose groups hold about `group_bytes`.
config::Task ShopTask(uint64_t group_bytes);

}  // namespace godwit::pipeline::testing
