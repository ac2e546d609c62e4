#include "sql/implicit_default.h"

namespace godwit::sql {

// Where the other kind of server has text it gives '' (and refuses to, where a check of JSON stands
// with it). Shapes are no case: MySQL gives them nothing, and takes no empty one.
std::string_view ImplicitDefault(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kUuid:
      return "00000000-0000-0000-0000-000000000000";
    case model::TypeKind::kInet4:
      return "0.0.0.0";
    case model::TypeKind::kInet6:
      return "::";
    case model::TypeKind::kJson:
      return "null";
    default:
      return "";
  }
}

}  // namespace godwit::sql
