#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/flavour.h"

namespace godwit::sql {

// The collation of the other kind of server that compares most like one.
struct CollationTwin {
  std::string collation;
  std::string difference;  // in words; empty: it compares the same values alike
};

// The twin on a server of kind `to` of a collation of the other kind, the collation itself where
// both have it. Nothing where no twin would keep apart what the collation keeps apart, or where
// there is none for the language. docs/mysql-mariadb.md lists them.
std::optional<CollationTwin> TwinOf(std::string_view collation, Flavour to);

}  // namespace godwit::sql
