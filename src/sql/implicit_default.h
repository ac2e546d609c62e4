#pragma once

#include <string_view>

#include "model/table.h"

namespace godwit::sql {

// What a server that is not strict gives a NOT NULL column without a default, in rows that say
// nothing of it, as text: of the types whose column on a server of the other kind would be given
// something else. Empty: of all others.
std::string_view ImplicitDefault(model::TypeKind kind);

}  // namespace godwit::sql
